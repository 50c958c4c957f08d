"""The results folder: what a run was asked to do, what came of it so far, and the right to write there.

    DIR/run.json           the fingerprint, the plan, and the sandbox of each session (livecodebench.results.run_file)
    DIR/judgements.jsonl   a line per judgement (livecodebench.results.journal)
    DIR/summary.json       the scores (livecodebench.results.summary)
    DIR/official/          the official result files (livecodebench.results.official_files)
    DIR/.lock              held by the process that writes

A killed process leaves a folder that the same command resumes. run.json is written before anything is judged, so
judgements without one are somebody else's, and nothing is ever deleted beside the names above.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from lcb_ray.pool import SandboxInfo
from livecodebench.errors import InputError
from livecodebench.files.durable import replacing, writing
from livecodebench.judging.calibration import Calibration
from livecodebench.judging.gradings import gradings_of
from livecodebench.problem import Problem
from livecodebench.results.fingerprint import differences
from livecodebench.results.journal import Journal, read_lines, recover
from livecodebench.results.official_files import write_official_files
from livecodebench.results.plan import Plan
from livecodebench.results.record import Key, Record
from livecodebench.results.results import Results
from livecodebench.results.run_file import NAME as RUN
from livecodebench.results.run_file import RunFile, read_run_file
from livecodebench.results.tallies import Tallies
from livecodebench.verdict import Judgement

JUDGEMENTS = "judgements.jsonl"
SUMMARY = "summary.json"
OFFICIAL = "official"
_LOCK = ".lock"


class ResultsFolder(Results):
    """Results that outlive the process, whatever ends it.

    Attributes:
        folder: Where they are.
    """

    def __init__(self, folder: Path, *, fingerprint: Mapping[str, Any], plan: Plan, overwrite: bool = False) -> None:
        """Start in a new or empty folder, or resume.

        Args:
            folder: Made where it does not exist.
            fingerprint: Everything that decides verdicts.
            plan: What there is to judge.
            overwrite: Throw away what an earlier run left here.

        Raises:
            InputError: The folder is in use, holds another run, or is not ours.
            OutputError: It cannot be written.
        """
        super().__init__(fingerprint=fingerprint, plan=plan)
        self.folder = folder
        self._open = ExitStack()
        with self._open as opened:
            opened.callback(os.close, _lock(folder))
            self.resumed = self._claim(overwrite=overwrite)
            if self.resumed:
                self.recovery = recover(folder / JUDGEMENTS, keep=self._keep)
            self.run.write(folder)
            self._journal = opened.enter_context(Journal(folder / JUDGEMENTS))
            self._open = opened.pop_all()

    def start_session(self, info: SandboxInfo, calibration: Calibration | None = None) -> None:
        """Note that judging starts; see Results. Raises OutputError."""
        super().start_session(info, calibration)
        self.run.write(self.folder)

    def append(self, judgement: Judgement) -> None:
        """Keep a judgement: its line is in the file when this returns. Raises OutputError."""
        self._journal.append(judgement.as_json())
        super().append(judgement)

    def write_summary(self) -> dict[str, Any]:
        """Write summary.json as things stand, and return its content. Raises OutputError."""
        summary = self.summary()
        with replacing(self.folder / SUMMARY) as file:
            file.write(json.dumps(summary, indent=1).encode() + b"\n")
        return summary

    def write_official_files(self, problems: Mapping[str, Problem], *, generations: Path, rule: str) -> None:
        """Write the official files. Raises OutputError; InputError where the generations cannot be read any more."""
        write_official_files(
            self.folder / OFFICIAL,
            plan=self.run.plan,
            problems=problems,
            judgements=(
                line.value
                for line in read_lines(self.folder / JUDGEMENTS)
                if line.record and line.record.grading == self.gradings[-1]  # of two, the official one
            ),
            generations=generations,
            rule=rule,
        )

    def close(self) -> None:
        """Put everything on the disk and let go of the folder; may be called twice."""
        self._open.close()

    def _claim(self, *, overwrite: bool) -> bool:
        """Make sure that the folder is ours to write; True where it holds the same run."""
        with writing(self.folder):
            present = {entry.name for entry in self.folder.iterdir()} - {_LOCK, f".{RUN}.tmp"}
        if not present:
            return False
        if RUN not in present:
            raise InputError(
                f"{self.folder}: is not empty and holds no {RUN}, so these are not results of ours: "
                "choose a new or empty folder with --output"
            )
        if overwrite:
            self._clear()
            return False
        stored = read_run_file(self.folder)
        if differ := differences(stored.fingerprint, self.run.fingerprint):
            raise InputError(
                f"{self.folder}: holds results of another run:\n"
                + "".join(f"  {line}\n" for line in differ)
                + "Choose another folder with --output, or start over in this one with --overwrite."
            )
        self.run.sessions = stored.sessions
        return True

    def _clear(self) -> None:
        # run.json goes last, so that a kill in between leaves a folder that is still known to be ours.
        with writing(self.folder):
            if (self.folder / OFFICIAL).exists():
                shutil.rmtree(self.folder / OFFICIAL)
            for name in (SUMMARY, JUDGEMENTS, RUN):
                (self.folder / f".{name}.tmp").unlink(missing_ok=True)
                (self.folder / name).unlink(missing_ok=True)

    def _keep(self, record: Record) -> None:
        if not self.run.plan.holds(record.key):
            raise _stranger(self.folder, record)
        self._count_as_done(record)


def load(folder: Path, *, visit: Callable[[Record, Mapping[str, Any]], None] | None = None) -> tuple[RunFile, Tallies]:
    """Read a results folder without touching it; one that is being written to is read as far as it is.

    Args:
        folder: That --output named.
        visit: Gets each judgement once: its record, and the whole of its line, of which only the record was checked.

    Raises:
        InputError: It is not a results folder, or is damaged.
    """
    run = read_run_file(folder)
    tally = Tallies(gradings_of(str(run.fingerprint["grading"])))
    seen: set[tuple[Key, str]] = set()
    try:
        for line in read_lines(folder / JUDGEMENTS):
            if line.torn:
                continue
            if (record := line.record) is None or (record.key, record.grading) in seen:
                what = line.damage or "a second judgement of the same submission"
                raise InputError(
                    f"{folder / JUDGEMENTS}:{line.number}: {what}: resume the run with the command that made it; "
                    "that mends the file"
                )
            if not run.plan.holds(record.key):
                raise _stranger(folder, record)
            seen.add((record.key, record.grading))
            tally.add(record)
            if visit is not None:
                visit(record, line.value)
    except OSError as error:
        raise InputError(f"{folder / JUDGEMENTS}: cannot be read: {error.strerror or error}") from error
    return run, tally


def _stranger(folder: Path, record: Record) -> InputError:
    return InputError(
        f"{folder / JUDGEMENTS}: holds a judgement of {record.question_id!r}, sample {record.sample}, of model "
        f"{record.model!r}, which {RUN} does not know: the file was changed by hand; start over with --overwrite"
    )


def _lock(folder: Path) -> int:
    """Take the right to write in a folder, which is made where it does not exist; held while the descriptor is open."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                raise InputError(
                    f"{folder}: another livecodebench process is writing there: wait for it to end, or choose another "
                    "folder with --output"
                ) from None
            raise
    return descriptor
