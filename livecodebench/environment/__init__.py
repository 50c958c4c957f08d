"""LiveCodeBench as an environment of verifiers 0.3 (its classic API): the one package that imports verifiers.

`vf.load_environment("livecodebench", …)` finds `load_environment` in `livecodebench`, which gets it from here at the
first use, so that nobody else waits for verifiers' import. What verifiers lacks, `vf.evaluate(client, model, env)`, is
`evaluate` here.
"""

from livecodebench.environment.evaluating import evaluate, evaluate_async
from livecodebench.environment.loading import load_environment
from livecodebench.environment.single_turn import LiveCodeBenchEnv

__all__ = ["LiveCodeBenchEnv", "evaluate", "evaluate_async", "load_environment"]
