"""Results in which every text that comes from others tries to act on the page."""

from __future__ import annotations

import json
from pathlib import Path

from lcb_ray.agent.protocol import Outcome, Usage
from lcb_ray.pool import SandboxInfo
from livecodebench.dataset.opening import open_dataset
from livecodebench.results.folder import ResultsFolder
from livecodebench.results.plan import Plan
from livecodebench.verdict import Judgement, JudgementError, TestVerdict, Verdict

TEXTS = (
    "</script></style></title></textarea></pre><script>window.injected = 1</script>",
    "\"><img src=x onerror='window.injected=2'><svg onload=window.injected=3>",
    "' autofocus onfocus='window.injected=4' x='<iframe src=https://example.invalid>",
    "<!-- <base href=https://example.invalid/><link rel=stylesheet href=https://example.invalid/x.css>",
    "‮⁦ reversed \x1b]0;title\x07 \x00 </h1><meta http-equiv=refresh content='0;url=https://example.invalid'>",
    "<details ontoggle=window.injected=5 open>" + "x" * 200_000,
)


def write_hostile(folder: Path) -> tuple[Path, Path]:
    """Write a dataset, answers and results; the folder of results, and the file of answers."""
    folder.mkdir(parents=True)
    dataset, answers = folder / "problems.jsonl", folder / "answers.jsonl"
    names = [f"{text[:500]} {n}" for n, text in enumerate(TEXTS)]
    test = json.dumps([{"input": TEXTS[1], "output": TEXTS[0], "testtype": "stdin"}])
    rows = [
        {
            "question_title": text,
            "question_content": text,
            "platform": "atcoder",
            "question_id": name,
            "contest_id": "c",
            "contest_date": "2024-05-01T00:00:00",
            "starter_code": "",
            "difficulty": "easy",
            "public_test_cases": test,
            "private_test_cases": test,
            "metadata": "{}",
        }
        for name, text in zip(names, TEXTS, strict=True)
    ]
    dataset.write_text("".join(json.dumps(row) + "\n" for row in rows))
    model = TEXTS[1]
    given = [
        {"question_id": name, "model": model, "code_list": [text] * 2} for name, text in zip(names, TEXTS, strict=True)
    ]
    answers.write_text("".join(json.dumps(row) + "\n" for row in given))
    problems = open_dataset(dataset)
    described = problems.as_json()
    fingerprint = {
        "dataset": {name: described[name] for name in ("name", "revision", "filters")},
        "grading": "standard",
        "limits": {"cpu_s": 6.0, "memory_bytes": 1 << 30},
        "extraction": "official",
    }
    plan = Plan.of([(model, name) for name in names for _ in range(2)], problems)
    with ResultsFolder(folder / "results", fingerprint=fingerprint, plan=plan) as results:
        results.start_session(SandboxInfo("local", TEXTS[0], TEXTS[1], {}))
        for name, text in zip(names, TEXTS, strict=True):
            results.append(_judgement(model, name, 0, text, failed=True))
            results.append(_judgement(model, name, 1, text, failed=False))
    return folder / "results", answers


def _judgement(model: str, question_id: str, sample: int, text: str, *, failed: bool) -> Judgement:
    """A wrong answer, or a failure of the infrastructure, in the words of the text."""
    usage = Usage(cpu_s=1.0, wall_s=1.0, max_rss_bytes=1 << 20)
    test = TestVerdict(
        index=0,
        verdict=Verdict.WRONG_ANSWER,
        outcome=Outcome.EXITED,
        exit_code=0,
        signal=None,
        usage=usage,
        reason=text[:1000],
    )
    return Judgement(
        model=model,
        question_id=question_id,
        sample=sample,
        grading="standard",
        verdict=Verdict.WRONG_ANSWER if failed else None,
        error=None if failed else JudgementError(text[:300], text[:1000], 1),
        tests_total=2,
        tests=(test,) if failed else (),
    )
