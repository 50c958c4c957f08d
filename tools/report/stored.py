"""Results of the bundled dataset without a run: the verdicts that its stored answers must get, and no measurements."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from lcb_ray.agent.protocol import Outcome, Usage
from lcb_ray.pool import SandboxInfo
from livecodebench.dataset.opening import open_dataset
from livecodebench.results.folder import ResultsFolder
from livecodebench.results.plan import Plan
from livecodebench.verdict import Judgement, TestVerdict, Verdict

ANSWERS = Path(str(files("livecodebench"))) / "data" / "mini" / "generations.jsonl"


def write_stored(folder: Path) -> Path:
    """Write a results folder."""
    expected = json.loads((ANSWERS.parent / "expected.json").read_text())["verdicts"]
    problems = open_dataset("mini")
    described = problems.as_json()
    fingerprint = {
        "dataset": {name: described[name] for name in ("name", "revision", "filters")},
        "grading": "standard",
        "limits": {"cpu_s": 6.0, "memory_bytes": 1 << 30},
        "extraction": "official",
    }
    plan = Plan.of(((one["model"], one["question_id"]) for one in expected), problems)
    with ResultsFolder(folder, fingerprint=fingerprint, plan=plan) as results:
        results.start_session(SandboxInfo("none", "none", "none", {}))
        for one in expected:
            results.append(_judgement(one["model"], one["question_id"], one["sample"], Verdict(one["verdict"])))
    return folder


def _judgement(model: str, question_id: str, sample: int, verdict: Verdict) -> Judgement:
    test = TestVerdict(
        index=0,
        verdict=verdict,
        outcome=Outcome.EXITED,
        exit_code=0,
        signal=None,
        usage=Usage(cpu_s=0.1, wall_s=0.1, max_rss_bytes=1 << 24),
        reason="" if verdict is Verdict.ACCEPTED else "as stored",
    )
    ran = verdict not in (Verdict.COMPILE_ERROR, Verdict.NO_CODE)
    return Judgement(
        model=model,
        question_id=question_id,
        sample=sample,
        grading="standard",
        verdict=verdict,
        error=None,
        tests_total=5,
        tests=(test,) if ran else (),
    )
