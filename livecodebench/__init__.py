"""LiveCodeBench: real contest problems, hidden tests, programs judged in a jail. Importing this is cheap.

What verifiers looks for comes at the first use, since verifiers' import takes seconds: `load_environment` for
`vf.load_environment("livecodebench", ...)`, and for its v1 API the taskset, its environment and its harness, each the
only one of its kind in `__all__`. `evaluate` and `evaluate_async` are not in `__all__`: verifiers' v1 API gets every
name there, and these need its classic API.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livecodebench.environment import evaluate as evaluate
    from livecodebench.environment import evaluate_async as evaluate_async
    from livecodebench.environment import load_environment
    from livecodebench.taskset import LiveCodeBenchHarness, LiveCodeBenchTaskEnv, LiveCodeBenchTaskset

__all__ = ["LiveCodeBenchHarness", "LiveCodeBenchTaskEnv", "LiveCodeBenchTaskset", "load_environment"]

_HOMES = {
    "LiveCodeBenchHarness": "taskset",
    "LiveCodeBenchTaskEnv": "taskset",
    "LiveCodeBenchTaskset": "taskset",
    "evaluate": "environment",
    "evaluate_async": "environment",
    "load_environment": "environment",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value
