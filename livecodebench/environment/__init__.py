"""LiveCodeBench as an environment of verifiers 0.3 (its classic API); the v1 API is livecodebench.taskset's.

`vf.load_environment("livecodebench", …)` finds `load_environment` in `livecodebench`, which gets it from here at the
first use, so that nobody else waits for verifiers' import. What verifiers lacks, `vf.evaluate(client, model, env)`, is
`evaluate` here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from livecodebench.environment.loading import load_environment

if TYPE_CHECKING:
    from livecodebench.environment.evaluating import evaluate, evaluate_async
    from livecodebench.environment.single_turn import LiveCodeBenchEnv

__all__ = ["LiveCodeBenchEnv", "evaluate", "evaluate_async", "load_environment"]

_HOMES = {"LiveCodeBenchEnv": "single_turn", "evaluate": "evaluating", "evaluate_async": "evaluating"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value
