"""How to get into a cluster: a kubeconfig and a context in it, never an assumption about which one is current."""

from __future__ import annotations

import base64
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lcb_ray.errors import BadSetting
from lcb_ray.kuberay import commands

_OPTIONS = ("certificate-authority", "client-certificate", "client-key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The way into one cluster.

    Attributes:
        kubeconfig: The file; None: what KUBECONFIG says, else ~/.kube/config.
        context: The context in it.
    """

    kubeconfig: Path | None
    context: str

    def __str__(self) -> str:
        return f"context {self.context}"

    def kubectl(self, *arguments: str, given: str | None = None, timeout_s: float = 60.0) -> str:
        """What kubectl answers in this context. Raises as commands.run does."""
        return commands.run(*self.command(*arguments), given=given, timeout_s=timeout_s)

    def command(self, *arguments: str) -> list[str]:
        """A kubectl command line in this context."""
        where = ["--kubeconfig", str(self.kubeconfig)] if self.kubeconfig else []
        return ["kubectl", *where, "--context", self.context, *arguments]


def remote_access(context: str | None) -> Access:
    """The user's own context, or the current one. Raises BadSetting where there is none."""
    if context is not None:
        known = _config("get-contexts", "--output", "name").split()
        if context not in known:
            raise BadSetting(
                f"LIVECODEBENCH_K8S_CONTEXT={context!r}: the kubeconfig has no such context: it has "
                f"{', '.join(known) or 'none'}; see KUBECONFIG"
            )
        return Access(kubeconfig=None, context=context)
    current = _current_context()
    if not current:
        raise BadSetting(
            "LIVECODEBENCH_K8S_LOCAL=false, and the kubeconfig has no current context: set LIVECODEBENCH_K8S_CONTEXT"
        )
    return Access(kubeconfig=None, context=current)


def add_to_users_kubeconfig(source: Access) -> bool:
    """Add a local cluster's context to the kubeconfig that the user's kubectl reads, so that it works by hand.

    It is made current only where no context is. Returns whether it is current now.
    """
    shown = json.loads(source.kubectl("config", "view", "--raw", "--flatten", "--minify", "--output", "json"))
    cluster, user, name = shown["clusters"][0]["cluster"], shown["users"][0]["user"], source.context
    with tempfile.TemporaryDirectory() as folder:
        files = {key: Path(folder) / key for key in ("ca", "certificate", "key")}
        data = (cluster["certificate-authority-data"], user["client-certificate-data"], user["client-key-data"])
        for file, encoded in zip(files.values(), data, strict=True):
            private_file(file, base64.b64decode(encoded).decode())
        authority, mine, key = (f"--{option}={file}" for option, file in zip(_OPTIONS, files.values(), strict=True))
        _config("set-cluster", name, f"--server={cluster['server']}", authority, "--embed-certs=true")
        _config("set-credentials", name, mine, key, "--embed-certs=true")
    _config("set-context", name, f"--cluster={name}", f"--user={name}")
    current = _current_context()
    if not current:
        _config("use-context", name)
    return current in ("", name)


def remove_from_users_kubeconfig(name: str) -> None:
    """Take out what was added; a current context that it was is unset."""
    if _current_context() == name:
        _config("unset", "current-context")
    for part in ("contexts", "clusters", "users"):
        _config("unset", f"{part}.{name}")


def _config(*arguments: str) -> str:
    return commands.run("kubectl", "config", *arguments)


def _current_context() -> str:
    try:
        return _config("current-context").strip()
    except commands.CommandFailed:  # none is set
        return ""


def private_file(path: Path, text: str) -> None:
    """Write a file that only this user can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)
