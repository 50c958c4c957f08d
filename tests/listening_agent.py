"""An agent started as the one file agent.pyz, listening on a socket: as in a container, or under another user."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from lcb_ray import archive
from lcb_ray.agent_client import CancelSignal, Connection
from lcb_ray.errors import SandboxLost
from tests.processes import LONG_S

NOBODY = 65534
_OLDER_KERNEL = Path(__file__).with_name("older_kernel.py")


class ListeningAgent:
    """Has the interface of a launched agent.

    Args:
        folder: For its file and its socket; `user` must be able to write there.
        options: Of the agent.
        python: Runs it.
        user: To run it as; needs root.
        without_calls: System calls that its kernel does not have.

    Raises SandboxLost where it ends before it listens.
    """

    def __init__(
        self,
        folder: Path,
        *options: str,
        python: str = sys.executable,
        user: int | None = None,
        without_calls: Sequence[str] = (),
    ) -> None:
        self.path = folder / "agent.sock"
        self.pyz = folder / "agent.pyz"
        self.pyz.write_bytes(archive.build())
        command = [python, "-s", "-P", "-S", str(self.pyz), "--listen", str(self.path), *options]
        if without_calls:
            command = [python, "-c", _OLDER_KERNEL.read_text(), ",".join(without_calls), *command]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
        self.pid = self.process.pid
        try:
            self.hello = self._first_words()
        except BaseException:
            self.close()
            raise

    def _first_words(self) -> dict[str, object]:
        pidfd, end = os.pidfd_open(self.pid), time.monotonic() + LONG_S
        try:
            while True:
                try:
                    with closing(CancelSignal()) as cancel, Connection(self.connect(), cancel) as connection:
                        return connection.hello
                except SandboxLost as lost:
                    # Nothing tells when a socket begins to listen; and a client that was quicker may have ended this.
                    if select.select([pidfd], [], [], 0.01)[0]:
                        raise SandboxLost(f"ended with status {self.process.wait(LONG_S)}: {self._words()}") from None
                    if time.monotonic() > end:
                        raise lost
        finally:
            os.close(pidfd)

    def _words(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read().decode("utf-8", "replace")

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def connect(self) -> socket.socket:
        """A new connection."""
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.connect(str(self.path))
        except OSError as error:
            sock.close()
            raise SandboxLost(f"cannot connect: {error}") from error
        return sock

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()


def python_for(user: int) -> str | None:
    """An interpreter that another user can run: one below root's home folder cannot be reached."""
    for candidate in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        check = [candidate, "-S", "-c", "import sys, json, ctypes; sys.exit(sys.version_info < (3, 11))"]
        try:
            if subprocess.run(check, user=user, group=user, extra_groups=[], capture_output=True).returncode == 0:
                return candidate
        except OSError:
            continue
    return None
