"""A cluster of ours on this machine, by kind's or minikube's own commands.

It is always the one named `livecodebench`. A file remembers that it was made here, and whether that came to its end:
only such a one is ever deleted, and one that was interrupted half-way is made anew. What a user's kubectl is set to
stays as it is: the commands write to a kubeconfig of our own.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from lcb_ray.errors import PoolUnavailable, SandboxUnusable
from lcb_ray.kuberay import commands
from lcb_ray.kuberay.access import Access, add_to_users_kubeconfig, private_file, remove_from_users_kubeconfig
from lcb_ray.kuberay.settings import Provider, Settings, state_folder
from lcb_ray.kuberay.steps import Steps

NAME = "livecodebench"
_MAKING, _MADE = "making", "made"
_CREATE_S = 1200.0  # nodes' images may have to be pulled
_LOAD_S = 900.0


class Maker(Protocol):
    """The commands of one provider."""

    @property
    def tools(self) -> Sequence[str]:
        """The programs that it needs."""
        ...

    @property
    def context(self) -> str:
        """Of the kubeconfig."""
        ...

    @property
    def word(self) -> str:
        """What the cluster is called in messages."""
        ...

    def exists(self) -> bool:
        """Whether the cluster is there, finished or not."""
        ...

    def stopped(self) -> bool:
        """Whether its nodes have been stopped, and `create` would start them again."""
        ...

    def create(self, kubeconfig: Path) -> None:
        """Make it; its context goes to that file only."""
        ...

    def delete(self, kubeconfig: Path) -> None:
        """Delete it."""
        ...

    def export(self, kubeconfig: Path) -> None:
        """Write its context to that file."""
        ...

    def load(self, images: Sequence[str], nodes: Sequence[str]) -> None:
        """Bring images of this machine's Docker to nodes."""
        ...


class Kind:
    """kind: nodes are containers."""

    tools = ("docker", "kind", "kubectl")
    context = f"kind-{NAME}"
    word = f"kind cluster {NAME!r}"

    def __init__(self, settings: Settings, config: Path) -> None:
        self._image = settings.node_image
        self._config = config

    def exists(self) -> bool:
        """See Maker."""
        return NAME in commands.run("kind", "get", "clusters").split()

    def stopped(self) -> bool:
        """See Maker. Nobody stops nodes of kind by a command of its."""
        return False

    def create(self, kubeconfig: Path) -> None:
        """See Maker."""
        options = ["--image", self._image, "--config", str(self._config), "--kubeconfig", str(kubeconfig)]
        commands.run("kind", "create", "cluster", "--name", NAME, *options, timeout_s=_CREATE_S)

    def delete(self, kubeconfig: Path) -> None:
        """See Maker."""
        commands.run("kind", "delete", "cluster", "--name", NAME, "--kubeconfig", str(kubeconfig), timeout_s=300)

    def export(self, kubeconfig: Path) -> None:
        """See Maker."""
        private_file(kubeconfig, commands.run("kind", "get", "kubeconfig", "--name", NAME))

    def load(self, images: Sequence[str], nodes: Sequence[str]) -> None:
        """See Maker."""
        where = ["--name", NAME, "--nodes", ",".join(nodes)]
        commands.run("kind", "load", "docker-image", *where, *images, timeout_s=_LOAD_S)


class Minikube:
    """minikube: a node is a container or a virtual machine."""

    tools = ("docker", "minikube", "kubectl")
    context = NAME
    word = f"minikube profile {NAME!r}"

    def __init__(self, settings: Settings) -> None:
        self._version = settings.node_image.rpartition(":")[2].partition("@")[0]

    def exists(self) -> bool:
        """See Maker."""
        try:
            commands.run("minikube", "status", "--profile", NAME, "--output", "json")
        except commands.CommandFailed as error:
            return "not found" not in error.said  # a stopped one fails, too, and is there
        return True

    def stopped(self) -> bool:
        """See Maker."""
        return "Running" not in self._host()

    def create(self, kubeconfig: Path) -> None:
        """See Maker. By itself it would take two CPUs and a quarter of the memory, which is no pool."""
        options = ["--keep-context", "--embed-certs", f"--kubernetes-version={self._version}", "--wait=none"]
        options += ["--cpus=max", "--memory=max", "--interactive=false"]
        self._run("start", *options, kubeconfig=kubeconfig, timeout_s=_CREATE_S)

    def delete(self, kubeconfig: Path) -> None:
        """See Maker."""
        self._run("delete", kubeconfig=kubeconfig, timeout_s=300)

    def export(self, kubeconfig: Path) -> None:
        """See Maker."""
        self._run("update-context", kubeconfig=kubeconfig, timeout_s=60)

    def load(self, images: Sequence[str], nodes: Sequence[str]) -> None:
        """See Maker. It knows no nodes: all get them."""
        commands.run("minikube", "image", "load", *images, "--profile", NAME, timeout_s=_LOAD_S)

    def _host(self) -> str:
        try:
            return commands.run("minikube", "status", "--profile", NAME, "--format", "{{.Host}}")
        except commands.CommandFailed as error:  # a status of 1 to 7 tells what is not running
            return error.said

    def _run(self, command: str, *options: str, kubeconfig: Path, timeout_s: float) -> None:
        environment = {**os.environ, "KUBECONFIG": str(kubeconfig)}
        commands.run("minikube", command, "--profile", NAME, *options, environment=environment, timeout_s=timeout_s)


class LocalCluster:
    """The local cluster: made where there is none.

    Args:
        settings: Which provider, and its nodes.
        kind_config: For kind: its nodes.
    """

    def __init__(self, settings: Settings, kind_config: Path) -> None:
        kind = settings.provider is Provider.KIND
        self._maker: Maker = Kind(settings, kind_config) if kind else Minikube(settings)
        self._folder = state_folder()
        self._mark = self._folder / f"{settings.provider}-{NAME}"
        self._kubeconfig = self._mark.with_suffix(".kubeconfig")

    @property
    def word(self) -> str:
        """What it is called in messages."""
        return self._maker.word

    @property
    def tools(self) -> Sequence[str]:
        """The programs that it needs."""
        return self._maker.tools

    @property
    def access(self) -> Access:
        """The way in; good where `make` or `open` has been called."""
        return Access(kubeconfig=self._kubeconfig, context=self._maker.context)

    @property
    def made_here(self) -> bool:
        """Whether it was made by this product, on this machine, by this user."""
        return self._mark.exists()

    @property
    def half_made(self) -> bool:
        """Whether its making was interrupted; good while it is locked."""
        return self._state() == _MAKING

    def exists(self) -> bool:
        """Whether it is there. Raises SandboxUnusable where the provider's tools are not."""
        self._check_tools()
        return self._maker.exists()

    @contextmanager
    def locked(self, steps: Steps) -> Iterator[None]:
        """While one process makes or deletes it, others wait."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._mark.with_suffix(".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                steps.note(f"another process brings up or deletes the {self.word}: waiting for it")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def make(self, steps: Steps) -> Access:
        """Make it, unless it is there, and return the way in. What was interrupted half-way is made anew."""
        there = self.exists()
        if there and self._state() == _MAKING:
            steps.note(f"the {self.word} was interrupted while it was made: it is made anew")
            self._maker.delete(self._kubeconfig)
            there = False
        if not there:
            self._write(_MAKING)
            self._maker.create(self._kubeconfig)
            self._write(_MADE)
        elif self._maker.stopped():
            steps.note(f"the {self.word} was stopped: it is started")
            self._maker.create(self._kubeconfig)
        return self.open()

    def open(self) -> Access:
        """The way into it, as it is now."""
        self._maker.export(self._kubeconfig)
        return self.access

    def publish(self, steps: Steps) -> None:
        """Let the user's kubectl know of it."""
        if not add_to_users_kubeconfig(self.access):
            steps.note(
                f"your kubectl keeps its current context; for this one: kubectl --context {self._maker.context} "
                "get pods -n livecodebench"
            )

    def load(self, images: Sequence[str], nodes: Sequence[str]) -> None:
        """Bring images of this machine's Docker to nodes."""
        self._maker.load(images, nodes)

    def forget(self) -> None:
        """Remove what is remembered of one that is gone."""
        self._kubeconfig.unlink(missing_ok=True)
        self._mark.unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete it. Raises SandboxUnusable where it was not made here."""
        if not self.made_here:
            raise SandboxUnusable(
                f"the {self.word} was not made by livecodebench here, and is not deleted: delete it by hand if it is "
                "yours"
            )
        self._maker.delete(self._kubeconfig)
        remove_from_users_kubeconfig(self._maker.context)
        self.forget()

    def _state(self) -> str:
        return self._mark.read_text(encoding="utf-8").strip() if self._mark.exists() else ""

    def _write(self, state: str) -> None:
        private_file(self._mark, state)

    def _check_tools(self) -> None:
        commands.require(*self._maker.tools)
        try:
            commands.run("docker", "info", "--format", "{{.ServerVersion}}")
        except commands.CommandFailed as error:
            raise PoolUnavailable(
                f"Docker does not answer, and the {self.word} needs it: start it (sudo systemctl start docker), and "
                f"see that this user may use it (the group docker): {error.said}"
            ) from error
