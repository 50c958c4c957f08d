"""What the grader takes away from a candidate before it runs, and whether a candidate changed its grader in turn."""

import builtins
import faulthandler
import json
import os
import signal
import sys
from collections.abc import Callable

_TAKEN = (
    *("kill", "system", "putenv", "remove", "removedirs", "rmdir", "fchdir", "setuid", "fork", "forkpty", "killpg"),
    *("rename", "renames", "truncate", "replace", "unlink", "fchmod", "fchown", "chmod", "chown", "chroot"),
    *("lchflags", "lchmod", "lchown", "getcwd", "chdir"),
)
# What the grader uses after a candidate has run: replaced, it would call anything right, or set no alarm.
_USED = ("len", "zip", "enumerate", "isinstance", "hasattr", "getattr", "str", "list")


def reliability_guard(code: str) -> None:
    """Take functions away. Two modules are slow to import: only from candidates whose text speaks of them."""
    faulthandler.disable()
    builtins.quit = builtins.help = None  # type: ignore[assignment]
    os.environ["OMP_NUM_THREADS"] = "1"
    for name in _TAKEN:
        setattr(os, name, None)
    if "shutil" in code:
        import shutil

        shutil.rmtree = shutil.move = shutil.chown = None  # type: ignore[assignment]
    if "subprocess" in code:
        import subprocess

        subprocess.Popen = None  # type: ignore[assignment, misc]
    for name in ("ipdb", "joblib", "resource", "psutil", "tkinter"):
        sys.modules[name] = None  # type: ignore[assignment]


class Watch:
    """Compares what the grader is made of with what it was."""

    def __init__(self) -> None:
        self._namespace: dict[str, object] = {}
        self._functions: tuple[Callable[..., object], ...] = ()
        self._before: dict[str, object] = {}

    def start(self, namespace: dict[str, object], functions: tuple[Callable[..., object], ...]) -> None:
        """Remember how things are.

        Args:
            namespace: The grader's module.
            functions: Those of it that decide what is right: their code could be exchanged.
        """
        self._namespace, self._functions = namespace, functions
        self._before = self._now()

    def broken(self) -> bool:
        """Whether something is not as it was."""
        now = self._now()
        return len(now) != len(self._before) or any(self._before.get(name) is not now[name] for name in now)

    def _now(self) -> dict[str, object]:
        found = {f"grader.{name}": value for name, value in self._namespace.items()}
        found |= {f"builtins.{name}": getattr(builtins, name, None) for name in _USED}
        found |= {f"code.{function.__name__}": getattr(function, "__code__", None) for function in self._functions}
        return found | {"json.loads": json.loads, "signal.alarm": signal.alarm}


WATCH = Watch()
