"""The harness as one program text, put together from its modules."""

from __future__ import annotations

import ast
from functools import cache
from importlib.resources import files

_PACKAGE = "livecodebench.judging.official.harness"
_PARTS = ("source", "streams", "records", "alarm", "values", "guard", "grader")  # each after those that it imports


@cache
def harness() -> bytes:
    """The source that a sandbox gets."""
    return "\n".join(_without_own_imports(part) for part in _PARTS).encode()


def _without_own_imports(part: str) -> str:
    text = files(_PACKAGE).joinpath(f"{part}.py").read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_PACKAGE):
            for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[number] = ""
    return "\n".join(lines)
