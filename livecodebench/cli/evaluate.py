"""`livecodebench evaluate`: a model, asked and judged at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from livecodebench.cli import model_options, options
from livecodebench.cli.api import Api, replayed
from livecodebench.cli.exits import Ended, Status, command, tell
from livecodebench.cli.output import kept_in
from livecodebench.cli.scores import show_summary
from livecodebench.cli.signals import Interrupted, StopSignals
from livecodebench.errors import InputError, OutputError

if TYPE_CHECKING:
    from livecodebench.evaluation.folder import EvaluationFolder
    from livecodebench.evaluation.run import EvaluationRun
    from livecodebench.judging.judges import Judges

HELP = f"""\
Ask a model, judge its programs at the same time, and print its score.

MODEL is a name that the API knows; any OpenAI-compatible API will do. Its key is read from the environment only, and
never stored or shown.

\b
Examples:
  livecodebench evaluate mini-strong --replay mini --dataset mini
      needs no key and no network: bundled answers to bundled problems, through HTTP
  livecodebench evaluate gpt-4o-mini-2024-07-18 --dataset release_v5 -n 5 --output results
      keeps completions and verdicts as they come; killed or interrupted, the same command resumes, and what the model
      has answered is not asked again
  livecodebench evaluate Qwen/Qwen3-8B --base-url http://127.0.0.1:8000/v1 --extra-body '{{"top_k": 20}}'

{options.SETTINGS_HELP}

{options.STATUS_HELP}
"""


@command
def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The model, as the API calls it.", show_default=False)],
    base_url: model_options.BaseUrl = None,
    api_key_env: model_options.ApiKeyEnv = None,
    api_key_file: model_options.ApiKeyFile = None,
    replay: Annotated[
        str | None,
        options.setting(
            "--replay", "Ask no API: answer from this file of stored completions; mini is bundled.", "FILE|mini"
        ),
    ] = None,
    samples: model_options.Samples = 1,
    temperature: model_options.Temperature = None,
    top_p: model_options.TopP = None,
    max_tokens: model_options.MaxTokens = None,
    seed: model_options.Seed = None,
    extra_body: model_options.ExtraBody = None,
    reasoning: model_options.Reasoning = None,
    style: model_options.StyleName = None,
    endpoint: model_options.EndpointName = None,
    extraction: Annotated[
        str | None,
        options.setting(
            "--extraction", "How the program is found: official, last_fenced or whole (default: by the style).", "RULE"
        ),
    ] = None,
    max_concurrent: model_options.MaxConcurrent = 32,
    request_timeout: model_options.RequestTimeout = 600.0,
    price_in: model_options.PriceIn = None,
    price_out: model_options.PriceOut = None,
    dataset: options.DatasetName = "release_v5",
    dataset_revision: options.DatasetRevision = None,
    start_date: options.StartDate = None,
    end_date: options.EndDate = None,
    platform: options.PlatformNames = None,
    difficulty: options.DifficultyNames = None,
    ids: options.Ids = None,
    first: options.First = None,
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
    """Ask and judge a model; HELP has the words for users."""
    from livecodebench.evaluation.run import EvaluationRun, Settings
    from livecodebench.results.tallies import errors_in

    options.check_grading(grading)
    prices = model_options.prices_of(price_in, price_out)
    chosen = model_options.choose_style(style, model=model)
    sampling = model_options.sampling_of(
        chosen,
        temperature=temperature,
        top_p=top_p,
        max_tokens=max_tokens,
        seed=seed,
        extra_body=extra_body,
        reasoning=reasoning,
    )
    model_options.check_counts(samples=samples, max_concurrent=max_concurrent, request_timeout=request_timeout)
    if replay is None:
        api = Api(
            model_options.connection_to(
                base_url,
                api_key_env=api_key_env,
                api_key_file=api_key_file,
                max_concurrent=max_concurrent,
                request_timeout=request_timeout,
            )
        )
    elif base_url is None and api_key_env is None and api_key_file is None:
        api = replayed(replay, model=model, max_concurrent=max_concurrent)
    else:
        raise InputError("--replay asks no API: leave --base-url, --api-key-env and --api-key-file out, or --replay")
    settings = Settings(
        model=model,
        samples=samples,
        style=chosen,
        endpoint=model_options.choose_endpoint(endpoint, chosen),
        sampling=sampling,
        rule=model_options.choose_rule(extraction, chosen),
        replay_sha256=api.replay_sha256,
        grading=grading,
        all_tests=all_tests,
        limits=options.limits_of(time_limit=time_limit, memory_limit=memory_limit),
        calibrated=calibrate,
    )
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
    run = EvaluationRun(problems, settings)
    with (
        StopSignals() as signals,
        kept_in(output) as folder,
        _or_temporary(folder) as place,
        run.open_folder(place, overwrite=overwrite, prices=prices) as results,
    ):
        _tell_resumed(results)
        try:
            if waiting := run.waiting(results):
                run.problems.check_tests(waiting)
                with _judging(run, results, backend=backend, pool_size=pool_size, slots=slots) as judges:
                    options.tell_calibration(judges.calibration, settings.limits)
                    _work(run, results, judges, api, signals)
            summary = run.finish(results)
        except OutputError as error:
            raise Ended(Status.NO_OUTPUT, f"livecodebench: {error}") from error
        except Interrupted as interrupted:
            run.finish(results)
            raise Ended(Status(128 + interrupted.signal), _resumable(results, output, interrupted)) from None
    show_summary(summary, as_json=as_json)
    if not as_json:
        typer.echo(_told(summary["generation"]))
    if errors := errors_in(summary):
        raise Ended(Status.ERRORS, _tell_errors(errors, output))


@contextmanager
def _or_temporary(folder: Path | None) -> Iterator[Path]:
    """The folder that was asked for, else one that goes with the run."""
    if folder is not None:
        yield folder
        return
    with TemporaryDirectory(prefix="livecodebench-") as temporary:
        yield Path(temporary)


@contextmanager
def _judging(
    run: EvaluationRun, results: EvaluationFolder, *, backend: str, pool_size: int | None, slots: int | None
) -> Iterator[Judges]:
    """The judges, on a pool that is proven to work before a single token is paid for."""
    with closing(options.open_pool(backend, pool_size=pool_size, slots=slots)) as pool:
        yield run.start(pool, results)


def _work(run: EvaluationRun, results: EvaluationFolder, judges: Judges, api: Api, signals: StopSignals) -> None:
    from livecodebench.evaluation.progress import show_standing

    with api.open(run.problems.values()) as connection, show_standing() as show, signals.asking(run.stop):
        run.work(results, judges, connection, on_change=show)


def _tell_resumed(results: EvaluationFolder) -> None:
    if not results.resumed:
        return
    wanted, answered = results.run.plan.submissions, len(results.store)
    tell(f"resuming: {answered} of {wanted} answered, {len(results.done)} judged")
    for line in (*results.store.damaged, *results.recovery.damaged):
        tell(line)


def _resumable(results: EvaluationFolder, output: str | None, interrupted: Interrupted) -> str:
    wanted, answered = results.run.plan.submissions, len(results.store)
    done = f"Interrupted by {interrupted.signal.name}: {answered} of {wanted} answered, {results.tally.judged} judged"
    if output is None:
        return f"{done}, and nothing is kept; with --output DIR the same command would resume."
    return f"{done}, kept in {output}; the same command resumes, and asks for none of these again."


def _tell_errors(errors: int, output: str | None) -> str:
    again = (
        "the same command tries them again" if output else "with --output DIR the same command would retry them only"
    )
    return f"{errors} samples have no verdict because the API or the infrastructure failed: {again}."


def _told(generation: Mapping[str, Any]) -> str:
    """Answers, tokens and cost, for a person."""
    counts = ", ".join(f"{generation[kind]} {kind}" for kind in ("truncated", "empty"))
    tokens = f"{generation['prompt_tokens']:,} prompt and {generation['completion_tokens']:,} completion tokens"
    uncounted, cost = generation["without_token_counts"], generation["cost"]
    missing = f" ({uncounted} answers came without counts)" if uncounted else ""
    money = "" if cost is None else f"; cost {cost:,.4f}"
    return f"{generation['answered']} of {generation['samples']} answered: {counts}; {tokens}{missing}{money}."
