"""LiveCodeBench: real contest problems, hidden tests, programs judged in a jail. Importing this is cheap.

`load_environment`, `evaluate` and `evaluate_async` come from livecodebench.environment, at the first use: they need
verifiers, whose import takes seconds. `vf.load_environment("livecodebench", ...)` finds the first of them here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livecodebench.environment import evaluate, evaluate_async, load_environment

__all__ = ["evaluate", "evaluate_async", "load_environment"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from livecodebench import environment

    value: object = getattr(environment, name)
    return value
