"""The first test that a program fails, as a person wants to see it: shortened, and harmless to a terminal."""

from __future__ import annotations

from typing import Any

from livecodebench.printable import printable
from livecodebench.problem import Problem
from livecodebench.verdict import Judgement, Verdict

EXCERPT = 600  # characters of each text
_WITHOUT_TESTS = {
    Verdict.COMPILE_ERROR: "the program does not compile",
    Verdict.NO_CODE: "there is no program",
}


def first_failure(judgement: Judgement, problem: Problem) -> dict[str, Any] | None:
    """What `run --json` calls first_failure; None where the program is accepted, or has no verdict.

    Returns:
        index (None where no test ran), verdict, reason, input, expected, output and stderr: excerpts.
    """
    if judgement.verdict is None or judgement.passed:
        return None
    failed = next((test for test in judgement.tests if not test.passed), None)
    if failed is None:
        return _entry(None, judgement.verdict, _WITHOUT_TESTS.get(judgement.verdict, ""), stderr=judgement.detail)
    test = problem.tests()[failed.index]
    return _entry(
        failed.index,
        failed.verdict,
        failed.reason,
        input=test.input,
        expected=test.output,
        output=failed.stdout,
        stderr=failed.stderr,
    )


def _entry(index: int | None, verdict: Verdict, reason: str, **texts: str) -> dict[str, Any]:
    excerpts = {
        name: printable(texts.get(name, ""), limit=EXCERPT, keep_lines=True)
        for name in ("input", "expected", "output", "stderr")
    }
    return {"index": index, "verdict": str(verdict), "reason": printable(reason, limit=EXCERPT), **excerpts}
