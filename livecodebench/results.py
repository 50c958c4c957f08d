"""What came of a run so far. This one keeps it in memory; livecodebench.results_folder keeps it in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from lcb_ray.pool import SandboxInfo
from livecodebench.journal import Recovery
from livecodebench.plan import Plan
from livecodebench.problem import Problem
from livecodebench.record import Record, record_of
from livecodebench.run_file import RunFile
from livecodebench.summary import Tally, summarise
from livecodebench.verdict import Judgement


class Results:
    """Collects judgements and scores them. Not safe for threads.

    Attributes:
        run: What was asked, and the sessions so far.
        tally: The judgements so far, counted.
        done: The submissions that have a verdict from an earlier session: they need not be judged again.
        resumed: Whether an earlier session left something here.
        recovery: What was found of it.
    """

    def __init__(self, *, fingerprint: Mapping[str, Any], plan: Plan) -> None:
        self.run = RunFile(fingerprint, plan)
        self.tally = Tally(grading=str(fingerprint["grading"]))
        self.done: set[tuple[str | None, str, int]] = set()
        self.resumed = False
        self.recovery = Recovery()

    def start_session(self, info: SandboxInfo) -> None:
        """Note that judging starts, and on what."""
        self.run.add_session(info)

    def append(self, judgement: Judgement) -> None:
        """Keep a judgement."""
        self.tally.add(record_of(judgement))

    def summary(self) -> dict[str, Any]:
        """The document of summary.json, as things stand."""
        return summary_of(self.run, self.tally)

    def write_summary(self) -> dict[str, Any]:
        """Keep the summary as things stand, and return it."""
        return self.summary()

    def write_official_files(self, problems: Mapping[str, Problem], *, generations: Path, rule: str) -> None:
        """Keep the results in the official form too; every submission must have a verdict.

        Args:
            problems: By question_id.
            generations: The file that was judged.
            rule: How programs were extracted from it.
        """

    def close(self) -> None:
        """End; may be called twice."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _count_as_done(self, record: Record) -> None:
        self.tally.add(record)
        if record.grading == self.tally.grading:
            self.done.add(record.key)


def summary_of(run: RunFile, tally: Tally) -> dict[str, Any]:
    """The document of summary.json for a run and the judgements that it has."""
    return summarise(run.plan, tally, dataset=run.fingerprint["dataset"], sandbox=run.sandbox())
