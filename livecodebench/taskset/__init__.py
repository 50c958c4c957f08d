"""LiveCodeBench as a taskset of verifiers' v1 API (0.3.1 and 0.4), under the id `livecodebench`.

It imports verifiers' v1 API only, so that both releases can use it. prime-rl finds it as `eval` and `vf-eval` do: by
the names in `livecodebench.__all__`.
"""

from livecodebench.taskset.harness import LiveCodeBenchHarness
from livecodebench.taskset.task_env import LiveCodeBenchTaskEnv
from livecodebench.taskset.taskset import LiveCodeBenchTaskset

__all__ = ["LiveCodeBenchHarness", "LiveCodeBenchTaskEnv", "LiveCodeBenchTaskset"]
