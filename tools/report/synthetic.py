"""Results that nobody has measured, to look at a report with many problems. Their model is named for what it is."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from lcb_ray.pool import SandboxInfo
from livecodebench.results.folder import JUDGEMENTS
from livecodebench.results.plan import Plan, ProblemFacts
from livecodebench.results.run_file import RunFile

CUTOFF_MONTH = 14  # of the 24: the synthetic model is worse from here on
MODEL = "synthetic-model"
_LIMIT_S, _MEMORY = 6.0, 2 << 30


def write_results(folder: Path, *, problems: int, samples: int, skill: float = 0.0, seed: int = 1) -> Path:
    """Write a results folder: two years of contests, harder ones less often right, fewer right after the cut-off."""
    rng = random.Random(seed)
    facts = {f"synthetic_{n:04d}": _facts(rng, n * 24 // problems) for n in range(problems)}
    plan = Plan(problems, facts, {MODEL: dict.fromkeys(facts, samples)})
    fingerprint = {
        "dataset": {"name": "synthetic", "revision": "none", "filters": {}},
        "grading": "standard",
        "limits": {"cpu_s": _LIMIT_S, "memory_bytes": _MEMORY},
        "extraction": "official",
    }
    run = RunFile(fingerprint, plan)
    run.add_session(SandboxInfo("local", "3.11.7", "2.4.6", {"no_network": ["seccomp"]}))
    folder.mkdir(parents=True)
    run.write(folder)
    with (folder / JUDGEMENTS).open("w") as file:
        for number, (question_id, fact) in enumerate(facts.items()):
            chance = _chance(rng, fact, number * 24 // problems) + skill
            for sample in range(samples):
                file.write(json.dumps(_judgement(rng, question_id, sample, rng.random() < chance)) + "\n")
    return folder


def _facts(rng: random.Random, month: int) -> ProblemFacts:
    difficulty = rng.choices(("easy", "medium", "hard"), (4, 4, 3))[0]
    platform = rng.choices(("leetcode", "atcoder", "codeforces"), (5, 5, 1))[0]
    return ProblemFacts(difficulty, platform, f"{2023 + month // 12}-{month % 12 + 1:02d}")


def _chance(rng: random.Random, facts: ProblemFacts, month: int) -> float:
    whole = {"easy": 0.92, "medium": 0.66, "hard": 0.3}[facts.difficulty] - (0.22 if month >= CUTOFF_MONTH else 0.0)
    return min(1.0, max(0.0, rng.gauss(whole, 0.2)))


def _judgement(rng: random.Random, question_id: str, sample: int, right: bool) -> dict[str, Any]:
    verdict: str | None = (
        "accepted" if right else rng.choices(("wrong_answer", "time_limit", "runtime_error"), (6, 2, 1))[0]
    )
    error = None
    if rng.random() < 0.0002:
        verdict, error = None, {"type": "SandboxLost", "message": "the agent was killed", "attempts": 3}
    total = rng.randint(12, 40)
    ran = 0 if error else total if right else rng.randint(1, total)
    return {
        "model": MODEL,
        "question_id": question_id,
        "sample": sample,
        "grading": "standard",
        "passed": None if error else right,
        "verdict": verdict,
        "error": error,
        "tests_total": total,
        "tests": [_test(rng, n, verdict if n == ran - 1 else "accepted") for n in range(ran)],
        "near_limit": verdict == "time_limit",
    }


def _test(rng: random.Random, index: int, verdict: str | None) -> dict[str, Any]:
    ended = verdict == "time_limit"
    seconds = _LIMIT_S + 0.01 if ended else min(5.9, rng.lognormvariate(-2.5, 1.1))
    return {
        "index": index,
        "verdict": verdict,
        "outcome": "cpu_limit" if ended else "exited",
        "cpu_s": round(seconds, 4),
        "wall_s": round(seconds * 1.1, 4),
        "max_rss_bytes": int(min(2e9, 1.4e7 + rng.lognormvariate(15, 1.5))),
        "exit_code": None if ended else 0,
        "signal": 9 if ended else None,
    }
