"""verifiers' results to scores that do not take a fault for a wrong answer. Pure: nothing is read or written.

verifiers' own averages count a rollout that ended in an error as reward 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from livecodebench.dataset.opening import Dataset
from livecodebench.judging.judge import STANDARD
from livecodebench.results.plan import Plan
from livecodebench.results.record import Record
from livecodebench.results.summary import Tally, summarise
from livecodebench.verdict import Verdict

Output = Mapping[str, Any]
"""A rollout, as verifiers gives and stores it."""


def without_errors(results: Mapping[str, Any]) -> dict[str, Any]:
    """The results of verifiers with reward None for rollouts with an error, and averages over the others.

    `avg_reward` is None where there are no others. `pass_at_k` and `pass_all_k`, which need every rollout, are empty
    where there is an error.
    """
    outputs = [{**output, "reward": None} if output.get("error") else dict(output) for output in results["outputs"]]
    metadata = dict(results["metadata"])
    judged = [output for output in outputs if not output.get("error")]
    if len(judged) < len(outputs):
        names = sorted({name for output in judged for name in output.get("metrics") or {}})
        metadata["avg_reward"] = fmean(output["reward"] for output in judged) if judged else None
        metadata["avg_metrics"] = {
            name: fmean(output["metrics"][name] for output in judged if name in output["metrics"]) for name in names
        }
        metadata["pass_at_k"] = metadata["pass_all_k"] = {}
    return {**results, "outputs": outputs, "metadata": metadata}


def summary_of(
    outputs: Sequence[Output], problems: Dataset, *, model: str, sandbox: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The summary of a run, as summary.json has it: pass@1 is None, with a range, where there are errors.

    Args:
        outputs: Of LiveCodeBenchEnv, judged.
        problems: What was to be asked.
        model: Who answered.
        sandbox: Backend, Python, numpy and layers of the sandboxes.
    """
    tally = Tally(grading=STANDARD)
    samples: Counter[str] = Counter()
    for output in outputs:
        question_id = output["info"]["question_id"]
        tally.add(Record(model, question_id, samples[question_id], STANDARD, _verdict_of(output)))
        samples[question_id] += 1
    plan = Plan.of(((model, output["info"]["question_id"]) for output in outputs), problems, models=[model])
    return summarise(plan, tally, dataset=problems.as_json(), sandbox=sandbox)


def _verdict_of(output: Output) -> Verdict | None:
    """The verdict, read from the metrics: they are in every stored line, the judgement only on request."""
    metrics = output.get("metrics") or {}
    if output.get("error") or "passed" not in metrics:
        return None
    if metrics["passed"]:
        return Verdict.ACCEPTED
    return next((verdict for verdict in Verdict if metrics.get(verdict.value)), None)
