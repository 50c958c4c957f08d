"""A user without administrator rights on a kind cluster: a service account with what `cluster rbac` prints, no more.

To the product that cluster is then somebody else's: LIVECODEBENCH_K8S_LOCAL=false and a kubeconfig with a token.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

LONG_S = 900.0
ACCOUNT = "grader"


class Administrator:
    """Whoever may do everything.

    Args:
        context: Of the kubeconfig.
    """

    def __init__(self, context: str) -> None:
        self.context = context

    def kubectl(self, *words: str, given: str | None = None, fails: bool = False) -> str:
        """What kubectl says; with `fails`, whether it works or not."""
        done = subprocess.run(
            ["kubectl", "--context", self.context, *words],
            input=given,
            capture_output=True,
            text=True,
            timeout=LONG_S,
            check=False,
        )
        assert fails or done.returncode == 0, (words, done.stderr)
        return done.stdout

    def apply(self, *documents: Mapping[str, object]) -> None:
        """Make objects be."""
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", given=yaml.safe_dump_all(documents))

    def give_rights(self, namespace: str, *more: str) -> None:
        """Apply what the command prints, exactly."""
        done = livecodebench(
            ["cluster", "rbac", "--service-account", ACCOUNT, *more],
            {"LIVECODEBENCH_K8S_LOCAL": "false", "LIVECODEBENCH_K8S_NAMESPACE": namespace},
        )
        assert done.returncode == 0, done.stderr
        self.kubectl("apply", "--server-side", "-f", "-", given=done.stdout)

    def kubeconfig_of(self, namespace: str, folder: Path, account: str = ACCOUNT, *, bound: str | None = None) -> Path:
        """The kubeconfig of a service account, with a new token; with `bound`, one that ends with that secret."""
        to = ["--bound-object-kind", "Secret", "--bound-object-name", bound] if bound else []
        token = self.kubectl("create", "token", account, "--namespace", namespace, "--duration", "2h", *to).strip()
        shown = json.loads(self.kubectl("config", "view", "--raw", "--minify", "--flatten", "--output", "json"))
        document = {
            **{key: shown[key] for key in ("apiVersion", "kind")},
            "clusters": [{**shown["clusters"][0], "name": "theirs"}],
            "users": [{"name": account, "user": {"token": token}}],
            "contexts": [{"name": "theirs", "context": {"cluster": "theirs", "user": account}}],
            "current-context": "theirs",
        }
        file = folder / f"{account}.kubeconfig"
        new = file.with_suffix(".new")
        new.touch(0o600)
        new.write_text(yaml.safe_dump(document))
        new.replace(file)  # somebody may be reading it
        return file


def livecodebench(words: Sequence[object], settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command with settings; those of this process are kept but for which cluster is meant."""
    with started(words, settings) as process:
        try:
            out, err = process.communicate(timeout=LONG_S)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def started(words: Sequence[object], settings: Mapping[str, str]) -> subprocess.Popen[str]:
    """The same, under way."""
    kept = {name: value for name, value in os.environ.items() if name not in _WHICH}
    return subprocess.Popen(
        [sys.executable, "-m", "livecodebench", *map(str, words)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**kept, **settings},
    )


_WHICH = ("LIVECODEBENCH_K8S_LOCAL", "LIVECODEBENCH_K8S_CONTEXT", "LIVECODEBENCH_K8S_NAMESPACE")
