"""The options that several commands share, written once: types for their signatures, and what is made of the values.

Nothing heavy is imported here. Every option that decides what is judged, how and where can be given by an environment
variable instead: LIVECODEBENCH_ and the option's name, so --time-limit is LIVECODEBENCH_TIME_LIMIT. An option wins over
its variable. Those that concern one call only (--json, --output, --overwrite) have none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from livecodebench.cli.exits import tell
from livecodebench.errors import InputError

if TYPE_CHECKING:
    from lcb_ray.agent.protocol import Limits
    from lcb_ray.pool import Pool
    from livecodebench.dataset.opening import Dataset
    from livecodebench.judging.calibration import Calibration

SETTINGS_HELP = (
    "An option can also be given by an environment variable, LIVECODEBENCH_ and its name in capitals, such as "
    "LIVECODEBENCH_DATASET or LIVECODEBENCH_TIME_LIMIT; an option wins. --json, --output and --overwrite have none."
)
STATUS_HELP = (
    "Exit status: 0 every submission has a verdict; 2 bad input, nothing was executed; 3 finished with infrastructure "
    "errors; 4 no backend; 130 or 143 interrupted, the same command resumes."
)


def setting(option: str, help: str, metavar: str | None = None) -> Any:  # noqa: ANN401 - typer's word for it is private
    """An option that its environment variable can stand for."""
    variable = "LIVECODEBENCH_" + option.removeprefix("--").upper().replace("-", "_")
    return typer.Option(option, help=help, metavar=metavar, envvar=variable, show_envvar=False, show_default=False)


DatasetName = Annotated[
    str,
    setting(
        "--dataset",
        "mini (bundled); a release, release_v1 to release_v6 or release_latest; a shard (v4) or a range of shards "
        "(v4_v6); or a .jsonl or .jsonl.gz file.",
        "NAME|PATH",
    ),
]
DatasetRevision = Annotated[
    str | None, setting("--dataset-revision", "Of a release: the commit or tag to read.", "REVISION")
]
StartDate = Annotated[str | None, setting("--start-date", "Only contests on this day or later.", "YYYY-MM-DD")]
EndDate = Annotated[
    str | None, setting("--end-date", "Only contests until this day, all of it included.", "YYYY-MM-DD")
]
PlatformNames = Annotated[
    list[str] | None, setting("--platform", "Only leetcode, atcoder or codeforces; several with commas.", "NAME")
]
DifficultyNames = Annotated[
    list[str] | None, setting("--difficulty", "Only easy, medium or hard; several with commas.", "NAME")
]
Ids = Annotated[
    list[str] | None, setting("--ids", "Only these problems; @FILE reads them from a file.", "A,B,...|@FILE")
]
First = Annotated[int | None, setting("--first", "Only the first N problems that are left.", "N")]

BackendName = Annotated[
    str,
    setting(
        "--backend",
        "Where programs run: local (default), docker, ray or kubernetes. For ray, LIVECODEBENCH_RAY_ADDRESS names the "
        "cluster (host:6379), or a gateway to it (http://host:port, with its token in LIVECODEBENCH_GATEWAY_TOKEN).",
        "NAME",
    ),
]
PoolSize = Annotated[int | None, setting("--pool-size", "Sandboxes: containers (default: the cores) or pods.", "N")]
Slots = Annotated[
    int | None,
    setting("--slots", "Programs at once in each sandbox (docker: one); for local, in all (default: the cores).", "N"),
]

GradingName = Annotated[
    str,
    setting(
        "--grading",
        "standard (default): each test in a real process of its own; official: what LiveCodeBench's own grader would "
        "say; official-2025-01: likewise, before May 2025; both: the first two, and where they differ.",
        "NAME",
    ),
]
Calibrate = Annotated[
    bool,
    setting("--calibrate", "Measure how fast the sandbox is, and scale the time limit by it."),
]
TimeLimit = Annotated[
    float | None, setting("--time-limit", "CPU seconds for each test (default: 6, as LiveCodeBench has it).", "SECONDS")
]
MemoryLimit = Annotated[
    int | None,
    setting(
        "--memory-limit",
        "MiB of address space for each test, the interpreter's own not counted (default: 2048).",
        "MIB",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


def _tell_more(value: bool) -> bool:
    if value:
        from livecodebench.cli.steps import tell_more

        tell_more()
    return value


Verbose = Annotated[
    bool,
    typer.Option("--verbose", callback=_tell_more, help="Say on standard error why anything was tried again."),
]
OutputFolder = Annotated[
    str | None,
    typer.Option(
        "--output",
        metavar="DIR|URL",
        show_default=False,
        help="Keep results in this folder, or at this URL of fsspec's, such as s3://bucket/run. It must be new or "
        "empty, or hold the same run, which is then resumed.",
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Throw away what another run left in --output.")]


def open_dataset(
    name: str,
    *,
    revision: str | None = None,
    start_date: str | None = None,
    end_date: str | None = None,
    platform: list[str] | None = None,
    difficulty: list[str] | None = None,
    ids: list[str] | None = None,
    first: int | None = None,
) -> Dataset:
    """The dataset that the options name. Raises InputError."""
    from livecodebench.dataset.filters import parse_filters
    from livecodebench.dataset.opening import open_dataset as opened

    filters = parse_filters(
        start_date=start_date,
        end_date=end_date,
        platform=platform or None,
        difficulty=difficulty or None,
        ids=ids or None,
        first=first,
    )
    return opened(name, revision=revision, filters=filters)


def open_pool(name: str, *, pool_size: int | None, slots: int | None) -> Pool:
    """The pool that the options name. Raises InputError, SandboxError."""
    from livecodebench.cli.steps import tell_steps
    from livecodebench.judging.backend import open_pool as opened

    tell_steps()
    return opened(name, slots=slots, pool_size=pool_size)


def limits_of(*, time_limit: float | None, memory_limit: int | None) -> Limits:
    """The limits that the options name. Raises InputError."""
    from livecodebench.judging.limits import limits_of as made

    return made(time_limit=time_limit, memory_limit=memory_limit)


def check_grading(name: str, *, one: bool = False) -> None:
    """Refuse what is no grading, and where only one can be used, "both". Raises InputError."""
    from livecodebench.judging.gradings import gradings_of

    gradings = gradings_of(name)
    if one and len(gradings) > 1:
        raise InputError(
            f"--grading: {name!r} is two gradings, and this command shows one judgement: choose one of them"
        )


def tell_calibration(calibration: Calibration | None, limits: Limits) -> None:
    """Say what --calibrate has measured."""
    if calibration is not None:
        scaled = calibration.scaled(limits)
        tell(
            f"This sandbox takes {calibration.factor:.2f} times as long as the reference machine: the time limit of "
            f"{limits.cpu_s:g} s is {scaled.cpu_s:.1f} s here."
        )
