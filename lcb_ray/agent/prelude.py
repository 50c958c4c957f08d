"""The names that a program finds defined before its first line, and the modules it finds imported.

LiveCodeBench's grader puts these imports in front of every program; 236 of 502 right functional answers that were
looked at need them. They are made once, in the zygote: a test process inherits the finished namespace by fork.
"""

from __future__ import annotations

import _sitebuiltins
import builtins
import sys
import types
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any

RECURSION_LIMIT = 50_000  # the official grader's
INTEGER_DIGITS = 50_000  # likewise
# glibc takes a thread's default stack from RLIMIT_STACK at start, which the agent makes large for deep recursion: 64
# threads of that would not fit into any address space.
THREAD_STACK_BYTES = 16 * 1024**2

# Order matters: later star imports win, so that builtins' pow and open are back after math's and io's.
_STAR = """string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys
json builtins typing"""
_PLAIN = (
    "string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json"
)
# Imported ahead because many programs import them: forking is cheaper than importing. Not put into the namespace.
_AHEAD = """array cmath contextlib dataclasses decimal enum fractions fileinput numbers queue threading time traceback
types typing abc os atexit linecache tokenize"""


def import_ahead() -> dict[str, Any]:
    """Import everything and return the namespace a program starts with, without the dunder names."""
    for name in _AHEAD.split():
        __import__(name)
    lines = [f"from {name} import *" for name in _STAR.split()] + [f"import {name}" for name in _PLAIN.split()]
    namespace: dict[str, Any] = {}
    exec("\n".join(lines), namespace)
    namespace.pop("__builtins__")
    return namespace


def settle_interpreter() -> None:
    """Set what a program finds set: its name, recursion limit, digits of integers, thread stacks, exit() and quit()."""
    import threading

    sys.argv = sys.orig_argv = ["solution.py"]  # the agent's own are for nobody to read, or to take for file names
    sys.setrecursionlimit(RECURSION_LIMIT)
    sys.set_int_max_str_digits(INTEGER_DIGITS)
    threading.stack_size(THREAD_STACK_BYTES)
    sys.dont_write_bytecode = True
    # The agent runs without `site`, which would have defined these.
    for name in ("exit", "quit"):
        setattr(builtins, name, _sitebuiltins.Quitter(name, "Ctrl-D (i.e. EOF)"))


def module(name: str, namespace: dict[str, Any]) -> types.ModuleType:
    """A fresh module holding the namespace, to run a program in."""
    made = types.ModuleType(name)
    made.__dict__.update(namespace)
    made.__dict__["__builtins__"] = builtins
    return made


class NumpyFinder:
    """Finds numpy, and nothing else of the folder it lies in. A finder for sys.meta_path.

    importlib.abc, which has the base class, would bring archives, temporary files and URLs with it: pages and mappings
    that every fork has to copy.

    With the folder on sys.path a program could import whatever else is installed there, or fail on it with a
    PermissionError where it expects an ImportError.
    """

    def __init__(self, folder: str) -> None:
        self._package = Path(folder) / "numpy"

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Import protocol: a spec for the top-level package only; its submodules are found through it."""
        if fullname != "numpy":
            return None
        return spec_from_file_location(
            fullname, self._package / "__init__.py", submodule_search_locations=[str(self._package)]
        )
