"""A port of a pod on this machine's loopback, kept open: kubectl's port-forward, started again whenever it ends.

The port here stays the same, so that whoever uses it only has to try again. kubectl ends with this process, however
that ends: a shell waits for the end of a pipe that only this process holds.
"""

from __future__ import annotations

import re
import subprocess
import threading
from typing import Self

from lcb_ray.errors import PoolUnavailable
from lcb_ray.kuberay.access import Access

_OPEN_S = 60.0
_PAUSES_S = (0.1, 0.5, 1.0, 2.0, 5.0)
_OPENED = re.compile(r"Forwarding from 127\.0\.0\.1:(\d+) ->")
_SCRIPT = '"$@" </dev/null & exec >&- 2>&-; read _; kill $! 2>&-'


class PortForward:
    """One port. Close it when done.

    Args:
        access: Which cluster.
        namespace: Of the target.
        target: "service/NAME" or "pod/NAME".
        port: Of the target.
        local_port: Here; None: any that is free.
    """

    def __init__(
        self, access: Access, namespace: str, target: str, port: int, *, local_port: int | None = None
    ) -> None:
        self._access = access
        self._namespace = namespace
        self._target = target
        self._port = port
        self._local = local_port
        self._opened = threading.Event()
        self._closing = threading.Event()
        self._said = ""
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._keep, name=f"port-forward-{port}", daemon=True)

    def open(self) -> Self:
        """Start it, and wait until it stands. Raises PoolUnavailable."""
        self._thread.start()
        if not self._opened.wait(_OPEN_S):
            self.close()
            raise PoolUnavailable(
                f"{self._access}: no port-forward to {self._target} within {_OPEN_S:.0f} s: {self._said or 'no word'}"
            )
        return self

    @property
    def address(self) -> str:
        """Where it is, "127.0.0.1:40123"."""
        return f"127.0.0.1:{self._local}"

    @property
    def url(self) -> str:
        """The same as an address of HTTP."""
        return f"http://{self.address}"

    def close(self) -> None:
        """End it. May be called twice."""
        self._closing.set()
        with self._lock:
            if self._process is not None:
                _end(self._process)
        if self._thread.ident is not None:
            self._thread.join()

    def _keep(self) -> None:
        failures = 0
        while not self._closing.is_set():
            failures = 0 if self._once() else failures + 1
            self._closing.wait(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])

    def _once(self) -> bool:
        """Run kubectl until it ends. Returns whether the port stood."""
        ports = f"{self._local or ''}:{self._port}"
        command = self._access.command("port-forward", "--namespace", self._namespace, self._target, ports)
        with self._lock:
            if self._closing.is_set():
                return False
            process = self._process = subprocess.Popen(
                ["sh", "-c", _SCRIPT, "sh", *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C in a terminal is for us: we end it
            )
        stood = False
        assert process.stdout is not None
        for line in process.stdout:
            self._said = line.strip()[:500]
            if opened := _OPENED.match(line):
                self._local, stood = int(opened[1]), True
                self._opened.set()
        with self._lock:
            _end(process)
            self._process = None
        process.stdout.close()
        return stood

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait()
