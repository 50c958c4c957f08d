"""A Docker engine of one's own, apart from the machine's: one that may be killed. Needs root and `dockerd`."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests import processes

UP_S = 60.0


class OwnEngine:
    """A running engine without a network.

    Args:
        folder: For its socket and all that it keeps; with a short name.
        runtimes: Further ones, by name: the path of each.
    """

    def __init__(self, folder: Path, runtimes: dict[str, str] | None = None) -> None:
        self._folder = folder
        self._runtimes = runtimes or {}
        self.host = f"unix://{folder}/docker.sock"
        self._log = (folder / "log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it; returns when it answers."""
        # In a network of its own: on the machine's, an engine without a bridge removes that of the machine's engine.
        command = ["unshare", "--net", "dockerd", "--data-root", f"{self._folder}/data"]
        command += ["--exec-root", f"{self._folder}/run", "--pidfile", f"{self._folder}/pid", "--host", self.host]
        command += ["--bridge=none", "--iptables=false", "--ip6tables=false"]
        for name, path in self._runtimes.items():
            command += ["--add-runtime", f"{name}={path}"]
        # Of one that was killed, and its containerd with it: as long as nobody has reaped that, it is taken to live.
        for left in ("pid", "run/containerd/containerd.pid"):
            (self._folder / left).unlink(missing_ok=True)
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log, start_new_session=True)
        until(lambda: self.docker("version", check=False) == 0, "the engine's start", UP_S)

    def docker(self, *words: str, check: bool = True) -> int:
        """Run the engine's command; its status."""
        done = subprocess.run(["docker", "--host", self.host, *words], capture_output=True, check=False)
        assert done.returncode == 0 or not check, done.stderr
        return done.returncode

    def containers(self) -> list[str]:
        """All of them, those that do not run too."""
        command = ["docker", "--host", self.host, "ps", "--all", "--quiet"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    def take_image(self, name: str) -> None:
        """Copy an image from the machine's engine."""
        with subprocess.Popen(["docker", "save", name], stdout=subprocess.PIPE) as saving:
            subprocess.run(
                ["docker", "--host", self.host, "load"], stdin=saving.stdout, stdout=subprocess.DEVNULL, check=True
            )
        assert saving.returncode == 0, f"the machine's engine has no image {name}"

    def kill(self, *, everything: bool = False) -> None:
        """End it by SIGKILL, perhaps with its containerd; what runs in containers is not told."""
        assert self._process is not None
        below = processes.children(self._process.pid) if everything else []
        for pid in (self._process.pid, *below):
            os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """End it with all its containers, and remove what it has kept."""
        try:
            for container in self.containers():
                self.docker("rm", "--force", container, check=False)
        finally:
            if self._process is not None:
                self._process.terminate()
                self._process.wait()
            self._log.close()
            subprocess.run(["umount", f"{self._folder}/data"], capture_output=True, check=False)  # by itself it stays
            shutil.rmtree(self._folder, ignore_errors=True)


@contextlib.contextmanager
def own_engine(folder: Path, runtimes: dict[str, str] | None = None) -> Iterator[OwnEngine]:
    """An engine for as long as the block runs."""
    folder.mkdir(parents=True)
    engine = OwnEngine(folder, runtimes)
    try:
        yield engine
    finally:
        engine.close()


def until(seen: Callable[[], object], what: str, timeout_s: float) -> float:
    """Wait until `seen` is true; the seconds that took. Nothing tells when it will be."""
    start = time.monotonic()
    while not seen():
        if time.monotonic() - start > timeout_s:
            raise AssertionError(f"never came within {timeout_s:.0f} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - start
