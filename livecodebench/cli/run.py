"""`livecodebench run`: one program against one problem, test by test."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from livecodebench.cli import options
from livecodebench.cli.exits import Ended, Status, command
from livecodebench.cli.signals import StopSignals
from livecodebench.errors import InputError

if TYPE_CHECKING:
    from livecodebench.problem import Problem
    from livecodebench.verdict import Judgement

HELP = f"""\
Judge one program against one problem and show every test.

SOLUTION is a Python file, or - for standard input: the program itself, not a model's answer around it.

\b
Examples:
  livecodebench run solution.py --problem abc301_a --dataset release_v5
  livecodebench run solution.py --problem 2727 --dataset problems.jsonl --first-failure
  cat solution.py | livecodebench run - --problem ID --dataset mini --json

{options.SETTINGS_HELP}

Exit status: 0 accepted; 1 not accepted; 2 bad input, nothing was executed; 3 an infrastructure error; 4 no backend; 130
or 143 interrupted.
"""


@command
def run(
    solution: Annotated[str, typer.Argument(metavar="SOLUTION.py|-", help="The program.", show_default=False)],
    problem: Annotated[str, options.setting("--problem", "The question_id of the problem.", "ID")],
    dataset: options.DatasetName,
    dataset_revision: options.DatasetRevision = None,
    start_date: options.StartDate = None,
    end_date: options.EndDate = None,
    platform: options.PlatformNames = None,
    difficulty: options.DifficultyNames = None,
    ids: options.Ids = None,
    first: options.First = None,
    first_failure: Annotated[
        bool, options.setting("--first-failure", "Stop at the first test that fails; otherwise all are run.")
    ] = False,
    grading: options.GradingName = "standard",
    calibrate: options.Calibrate = False,
    time_limit: options.TimeLimit = None,
    memory_limit: options.MemoryLimit = None,
    backend: options.BackendName = "local",
    pool_size: options.PoolSize = None,
    slots: options.Slots = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Judge one program; HELP has the words for users."""
    from livecodebench.judging.calibration import calibrate as measure
    from livecodebench.judging.judge import Judge
    from livecodebench.submission import Submission

    options.check_grading(grading, one=True)
    limits = options.limits_of(time_limit=time_limit, memory_limit=memory_limit)
    code = _read_program(solution)
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
    if problem not in problems:
        raise InputError(_no_such_problem(problem, filtered=problem in problems.known_ids))
    problems.check_tests([problem])
    with StopSignals(), closing(options.open_pool(backend, pool_size=pool_size, slots=slots)) as pool:
        pool.info()
        calibration = measure(pool) if calibrate else None
        options.tell_calibration(calibration, limits)
        judge = Judge(
            pool, problems, grading=grading, all_tests=not first_failure, limits=limits, calibration=calibration
        )
        judgement = judge.judge(Submission(problem, code))
    _show(judgement, problems[problem], as_json=as_json)
    if judgement.error is not None:
        raise Ended(Status.ERRORS)
    if not judgement.passed:
        raise Ended(Status.NOT_ACCEPTED)


def _read_program(name: str) -> str:
    from lcb_ray.agent.protocol import MAX_SOURCE_BYTES

    place = "standard input" if name == "-" else name
    try:
        if name == "-":
            data = sys.stdin.buffer.read(MAX_SOURCE_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(MAX_SOURCE_BYTES + 1)
    except OSError as error:
        raise InputError(f"{place}: cannot be read: {error.strerror or error}: give a Python file, or -") from error
    if len(data) > MAX_SOURCE_BYTES:
        raise InputError(f"{place}: is larger than {MAX_SOURCE_BYTES} bytes, the most that a program may have")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: is not UTF-8 (byte {error.start}): save the program as UTF-8") from None


def _no_such_problem(question_id: str, *, filtered: bool) -> str:
    if filtered:
        return f"--problem: the filters leave {question_id!r} out: widen them"
    return f"--problem: the dataset has no problem {question_id!r}: check the id, or choose another --dataset"


def _show(judgement: Judgement, problem: Problem, *, as_json: bool) -> None:
    from livecodebench.report.first_failure import first_failure

    failure = first_failure(judgement, problem)
    if as_json:
        typer.echo(json.dumps({**judgement.as_json(), "first_failure": failure}, indent=1))
        return
    from livecodebench.report.judgement_table import print_judgement

    print_judgement(judgement, problem, failure)
