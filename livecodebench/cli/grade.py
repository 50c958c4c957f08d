"""`livecodebench grade`: stored answers to verdicts and a score."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livecodebench.cli import options
from livecodebench.cli.exits import Ended, Status, command, tell
from livecodebench.cli.output import kept_in
from livecodebench.cli.scores import show_summary
from livecodebench.cli.signals import Interrupted, StopSignals
from livecodebench.errors import OutputError

if TYPE_CHECKING:
    from livecodebench.answers.generations import Generations
    from livecodebench.grading import Grading
    from livecodebench.results.results import Results
    from livecodebench.verdict import Judgement

_LOOK_AHEAD = 4  # submissions with the judge for each slot: the next is there when one ends

HELP = f"""\
Judge stored answers of models and print their scores.

GENERATIONS is JSON or JSONL, gzip or not: objects with "question_id", "code_list" (programs) or "output_list" (what the
model said; the program is extracted), and perhaps "model".

\b
Examples:
  livecodebench grade answers.jsonl --dataset mini
  livecodebench grade answers.jsonl --dataset release_v5 --output results
      keeps verdicts as they come; killed or interrupted, the same command resumes
  livecodebench grade answers.json.gz --dataset problems.jsonl.gz --start-date 2024-08-01 --difficulty hard --json

{options.SETTINGS_HELP}

{options.STATUS_HELP}
"""


@command
def grade(
    generations: Annotated[
        Path, typer.Argument(metavar="GENERATIONS", help="The file of answers.", show_default=False)
    ],
    dataset: options.DatasetName,
    dataset_revision: options.DatasetRevision = None,
    start_date: options.StartDate = None,
    end_date: options.EndDate = None,
    platform: options.PlatformNames = None,
    difficulty: options.DifficultyNames = None,
    ids: options.Ids = None,
    first: options.First = None,
    skip_unknown: Annotated[
        bool, options.setting("--skip-unknown", "Leave out answers to problems that the dataset does not have.")
    ] = False,
    extraction: Annotated[
        str,
        options.setting(
            "--extraction",
            "How the program is found in a completion: official (default), last_fenced or whole.",
            "RULE",
        ),
    ] = "official",
    all_tests: Annotated[
        bool, options.setting("--all-tests", "Run every test; otherwise a program's first failure ends it.")
    ] = False,
    grading: options.GradingName = "standard",
    calibrate: options.Calibrate = False,
    time_limit: options.TimeLimit = None,
    memory_limit: options.MemoryLimit = None,
    backend: options.BackendName = "local",
    pool_size: options.PoolSize = None,
    slots: options.Slots = None,
    output: options.OutputFolder = None,
    overwrite: options.Overwrite = False,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Judge stored answers; HELP has the words for users."""
    from livecodebench.answers.generations import open_generations
    from livecodebench.grading import Grading
    from livecodebench.results.tallies import errors_in

    options.check_grading(grading)
    limits = options.limits_of(time_limit=time_limit, memory_limit=memory_limit)
    problems = options.open_dataset(
        dataset,
        revision=dataset_revision,
        start_date=start_date,
        end_date=end_date,
        platform=platform,
        difficulty=difficulty,
        ids=ids,
        first=first,
    )
    answers = open_generations(
        generations, problems=problems, known=problems.known_ids, skip_unknown=skip_unknown, rule=extraction
    )
    job = Grading(
        problems,
        answers,
        grading=grading,
        all_tests=all_tests,
        limits=limits,
        rule=extraction,
        calibrated=calibrate,
    )
    _tell_left_out(answers)
    with (
        StopSignals() as signals,
        kept_in(output) as folder,
        job.open_results(folder, overwrite=overwrite) as results,
    ):
        _tell_resumed(results, job)
        try:
            _judge(job, results, signals, backend=backend, pool_size=pool_size, slots=slots)
            summary = job.finish(results)
        except OutputError as error:
            raise Ended(Status.NO_OUTPUT, f"livecodebench: {error}") from error
        except Interrupted as interrupted:
            message = _resumable(results, job, output, interrupted)
            with suppress(OutputError):  # what matters is in judgements.jsonl
                results.write_summary()
            raise Ended(Status(128 + interrupted.signal), message) from None
    show_summary(summary, as_json=as_json)
    if errors := errors_in(summary):
        raise Ended(Status.ERRORS, _tell_errors(errors, output))


def _judge(
    job: Grading, results: Results, signals: StopSignals, *, backend: str, pool_size: int | None, slots: int | None
) -> None:
    """Judge what has no verdict yet. Raises Interrupted, OutputError, DatasetError, SandboxError."""
    from livecodebench.judging.stream import Judging
    from livecodebench.report.progress import show_progress

    waiting = job.waiting(results)
    if not waiting:
        return
    waiting = job.in_order(waiting)
    with closing(options.open_pool(backend, pool_size=pool_size, slots=slots)) as pool:
        judges = job.start(pool, results)
        options.tell_calibration(judges.calibration, job.limits)
        _tell_sandboxes(results)
        judging = Judging(judges, window=_LOOK_AHEAD * pool.slots)
        with (
            show_progress(total=len(job.submissions), done=len(results.done)) as progress,
            signals.asking(judging.stop),
        ):

            def keep(judgement: Judgement) -> None:
                results.append(judgement)
                if judgement.grading == results.gradings[-1]:  # the others of a submission are asked for before it
                    progress.advance(error=judgement.error is not None)

            judging.run(waiting, keep)


def _tell_left_out(answers: Generations) -> None:
    if answers.filtered:
        tell(f"{answers.filtered} answers are left out: the filters leave out their problems.")
    if answers.unknown_ids:
        tell(f"Answers to {len(answers.unknown_ids)} problems that the dataset does not have are left out.")


def _tell_resumed(results: Results, job: Grading) -> None:
    recovery = results.recovery
    if not results.resumed:
        return
    again = f", {recovery.errors} infrastructure errors are judged again" if recovery.errors else ""
    tell(f"resuming: {len(results.done)} of {len(job.submissions)} judged{again}")
    for line in recovery.damaged:
        tell(f"{line}; judged again")


def _tell_sandboxes(results: Results) -> None:
    sandbox = results.run.sandbox()
    if sandbox is not None and "mixed" in sandbox:
        pythons = "; ".join(
            f"{one['backend']}: Python {one['python']}, numpy {one['numpy']}" for one in sandbox["mixed"]
        )
        tell(f"Sessions of this run had different sandboxes ({pythons}), which can change verdicts.")


def _resumable(results: Results, job: Grading, output: str | None, interrupted: Interrupted) -> str:
    done = f"Interrupted by {interrupted.signal.name}: {results.tally.judged} of {len(job.submissions)} are judged"
    if output is None:
        return f"{done}, and nothing is kept; with --output DIR the same command would resume."
    return f"{done} and kept in {output}; the same command resumes."


def _tell_errors(errors: int, output: str | None) -> str:
    again = (
        "the same command judges them again" if output else "with --output DIR the same command would retry them only"
    )
    return f"{errors} submissions have no verdict because the infrastructure failed: {again}."
