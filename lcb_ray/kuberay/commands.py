"""Other programs: kind, minikube, docker and kubectl, each asked by its command line.

What a program says is kept for the message where it fails; a program that is not there is named with the way to get it.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence

from lcb_ray.errors import PoolUnavailable, SandboxUnusable

_SAID = 2000  # characters of a failing program's words: the last ones name the cause
HOW_TO_GET = {
    "docker": "install Docker (https://docs.docker.com/engine/install/) and start it",
    "kind": (
        "curl -Lo ./kind https://kind.sigs.k8s.io/dl/v0.30.0/kind-linux-amd64 && chmod +x ./kind && "
        "sudo mv ./kind /usr/local/bin/"
    ),
    "minikube": (
        "curl -LO https://storage.googleapis.com/minikube/releases/latest/minikube-linux-amd64 && "
        "sudo install minikube-linux-amd64 /usr/local/bin/minikube"
    ),
    "kubectl": "install kubectl: https://kubernetes.io/docs/tasks/tools/",
}


class CommandFailed(PoolUnavailable):
    """A program ended with an error.

    Attributes:
        said: The end of what it said.
    """

    def __init__(self, command: Sequence[str], status: int, said: str) -> None:
        self.said = said.strip()[-_SAID:]
        super().__init__(f"`{' '.join(command)}` failed with status {status}: {self.said}")


def require(*tools: str) -> None:
    """See that these programs are installed. Raises SandboxUnusable naming the way to get each that is not."""
    if missing := [tool for tool in tools if shutil.which(tool) is None]:
        ways = "; ".join(f"{tool} is not installed: {HOW_TO_GET[tool]}" for tool in missing)
        raise SandboxUnusable(f"the kubernetes backend needs {', '.join(missing)}. {ways}")


def run(
    *command: str,
    environment: Mapping[str, str] | None = None,
    given: str | None = None,
    timeout_s: float = 60.0,
) -> str:
    """Run a program and return its standard output.

    Args:
        command: The program and its arguments.
        environment: All of its environment; None: this process'.
        given: Its standard input.
        timeout_s: How long it may take.

    Raises:
        CommandFailed: It ended with an error.
        PoolUnavailable: It took too long.
        SandboxUnusable: It is not installed.
    """
    require(command[0])
    try:
        done = subprocess.run(
            command,
            env=None if environment is None else dict(environment),
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            timeout=timeout_s,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C in a terminal is for us: we end what we started
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PoolUnavailable(f"`{' '.join(command)}` did not end within {timeout_s:.0f} s") from error
    if done.returncode:
        raise CommandFailed(command, done.returncode, f"{done.stdout}\n{done.stderr}")
    return done.stdout
