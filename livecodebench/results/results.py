"""What came of a run so far. This one keeps it in memory; livecodebench.results.folder keeps it in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from lcb_ray.pool import SandboxInfo
from livecodebench.judging.calibration import Calibration
from livecodebench.judging.gradings import gradings_of
from livecodebench.problem import Problem
from livecodebench.results.journal import Recovery
from livecodebench.results.plan import Plan
from livecodebench.results.record import Key, Record, record_of
from livecodebench.results.run_file import RunFile
from livecodebench.results.tallies import Tallies
from livecodebench.verdict import Judgement


class Results:
    """Collects judgements and scores them. Not safe for threads.

    Attributes:
        run: What was asked, and the sessions so far.
        tally: The judgements so far, counted.
        gradings: In which ways each submission is judged.
        done: The submissions that have every verdict from an earlier session: they need not be judged again.
        resumed: Whether an earlier session left something here.
        recovery: What was found of it.
    """

    def __init__(self, *, fingerprint: Mapping[str, Any], plan: Plan) -> None:
        self.run = RunFile(fingerprint, plan)
        self.gradings = gradings_of(str(fingerprint["grading"]))
        self.tally = Tallies(self.gradings)
        self.done: set[Key] = set()
        self._begun: dict[Key, str] = {}  # of two gradings, the one that has a verdict
        self.resumed = False
        self.recovery = Recovery()

    def start_session(self, info: SandboxInfo, calibration: Calibration | None = None) -> None:
        """Note that judging starts, on what, and how fast that is where it was measured."""
        self.run.add_session(info, calibration)

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

    def missing(self, key: Key) -> tuple[str, ...]:
        """The gradings in which a submission has no verdict from an earlier session."""
        if key in self.done:
            return ()
        return tuple(grading for grading in self.gradings if grading != self._begun.get(key))

    def _count_as_done(self, record: Record) -> None:
        if not self.tally.add(record):
            return
        if len(self.gradings) == 1 or self._begun.get(record.key, record.grading) != record.grading:
            self._begun.pop(record.key, None)
            self.done.add(record.key)
        else:
            self._begun[record.key] = record.grading


def summary_of(run: RunFile, tally: Tallies) -> dict[str, Any]:
    """The document of summary.json for a run and the judgements that it has."""
    summary = tally.summary(run.plan, dataset=run.fingerprint["dataset"], sandbox=run.sandbox())
    calibration = run.calibration()
    return summary if calibration is None else {**summary, "calibration": calibration}
