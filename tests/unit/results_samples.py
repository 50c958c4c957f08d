"""Judgements and plans for the tests of results: small, and different in every field that matters."""

from __future__ import annotations

from lcb_ray.agent.protocol import Outcome, Usage
from lcb_ray.pool import SandboxInfo
from livecodebench.results.plan import Plan, ProblemFacts
from livecodebench.verdict import Judgement, JudgementError, TestVerdict, Verdict

FINGERPRINT = {
    "dataset": {"name": "mini", "revision": "sha256:00", "filters": {"first": 3}},
    "generations_sha256": "aa",
    "grading": "standard",
    "limits": {"cpu_s": 6.0},
}
PLAN = Plan(
    dataset_problems=4,
    problems={
        "p1": ProblemFacts("easy", "leetcode", "2024-01"),
        "p2": ProblemFacts("hard", "atcoder", "2024-02"),
        "p3": ProblemFacts("medium", "codeforces", "2024-03"),
    },
    samples={"m": {"p1": 2, "p2": 2, "p3": 2}, None: {"p1": 1}},
)
KEYS = [
    (model, problem, sample) for model, row in PLAN.samples.items() for problem, n in row.items() for sample in range(n)
]
INFO = SandboxInfo("local", "3.11.7", "2.4.6", {"no_network": ["seccomp"], "no_exec": ["seccomp", "landlock"]})


def judged(key, verdict=Verdict.WRONG_ANSWER):
    """A judgement; verdict None: an infrastructure error."""
    model, question_id, sample = key
    return Judgement(
        model=model,
        question_id=question_id,
        sample=sample,
        grading="standard",
        verdict=verdict,
        error=None if verdict is not None else JudgementError("SandboxLost", "the agent was killed", 3),
        tests_total=2,
        tests=() if verdict is None else (one_test(verdict),),
    )


def one_test(verdict, index=0, **fields):
    outcome = Outcome.CPU_LIMIT if verdict is Verdict.TIME_LIMIT else Outcome.EXITED
    return TestVerdict(
        index=index,
        verdict=verdict,
        outcome=outcome,
        exit_code=None if outcome is Outcome.CPU_LIMIT else 0,
        signal=None,
        usage=Usage(cpu_s=0.25, wall_s=0.5, max_rss_bytes=1 << 20),
        **fields,
    )
