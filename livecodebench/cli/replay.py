"""`livecodebench replay`: a model's API without a model."""

from __future__ import annotations

from contextlib import suppress
from queue import SimpleQueue
from typing import Annotated

import typer

from livecodebench.cli import options
from livecodebench.cli.exits import command, tell
from livecodebench.cli.signals import Interrupted, StopSignals
from livecodebench.errors import InputError, listed, quoted

HELP = """\
Serve stored completions through an OpenAI-compatible API, until Ctrl-C.

FILE is what `grade` takes: JSON or JSONL, gzip or not, objects with "question_id", "output_list" (what the model said)
and perhaps "model"; mini is bundled. A request is answered by the statement in its prompt: the first request for a
problem gets the first stored completion, and so on. GET /stats tells what was asked and served.

The address is printed on standard output as soon as the server listens; it is what --base-url takes.

\b
Examples:
  livecodebench replay mini --dataset mini
  livecodebench evaluate mini-weak --base-url http://127.0.0.1:8000/v1 --dataset mini
      in another terminal
  livecodebench replay results/generations.jsonl --dataset release_v5 --latency 0.5:4 --error-rate 0.05 --rate-limit 10
      as slow, faulty and limited as an API can be

Exit status: 0 stopped by Ctrl-C or SIGTERM; 2 bad input.
"""


@command
def replay(
    file: Annotated[str, typer.Argument(metavar="FILE|mini", help="Stored completions.", show_default=False)],
    dataset: options.DatasetName,
    dataset_revision: options.DatasetRevision = None,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; the default is reached from this machine only.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.")] = 8000,
    cycle: Annotated[
        bool,
        typer.Option("--cycle", help="Start over when a problem's completions are used up; else status 410."),
    ] = False,
    latency: Annotated[
        str, typer.Option("--latency", metavar="SECONDS", help="Time to an answer, or SHORTEST:LONGEST.")
    ] = "0",
    error_rate: Annotated[float, typer.Option("--error-rate", help="Share of requests that get status 500.")] = 0.0,
    drop_rate: Annotated[
        float, typer.Option("--drop-rate", help="Share of requests whose connection is closed in the middle.")
    ] = 0.0,
    truncate_rate: Annotated[
        float, typer.Option("--truncate-rate", help="Share of completions cut short; always the same ones.")
    ] = 0.0,
    empty_rate: Annotated[
        float, typer.Option("--empty-rate", help="Share of completions that come empty; always the same ones.")
    ] = 0.0,
    rate_limit: Annotated[
        float | None,
        typer.Option(
            "--rate-limit", help="Requests per second; more get status 429 with Retry-After.", show_default=False
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Another seed, other victims.")] = 0,
    api_key_env: Annotated[
        str | None,
        typer.Option(
            "--api-key-env",
            metavar="NAME",
            show_default=False,
            help="Demand the key in this environment variable; without it, any key or none will do.",
        ),
    ] = None,
) -> None:
    """Serve stored completions; HELP has the words for users."""
    from livecodebench.model_client.key import key_from_environment
    from livecodebench.replay.answering import Answerer
    from livecodebench.replay.faults import Faults
    from livecodebench.replay.server import ReplayServer
    from livecodebench.replay.source import open_stored

    if not 0 <= port <= 65535:
        raise InputError(f"--port: must be 0 to 65535, is {port}")
    faults = Faults(
        latency_s=_latency(latency),
        error_rate=error_rate,
        drop_rate=drop_rate,
        truncate_rate=truncate_rate,
        empty_rate=empty_rate,
        rate_limit=rate_limit,
        seed=seed,
    )
    key = key_from_environment(api_key_env) if api_key_env is not None else None
    stored = open_stored(file)
    problems = options.open_dataset(dataset, revision=dataset_revision)
    answerer = Answerer(stored, problems.values(), faults=faults, cycle=cycle, key=key)
    stopped: SimpleQueue[None] = SimpleQueue()  # its put may be called by a signal handler that interrupts its get
    with (
        suppress(Interrupted),
        StopSignals() as signals,
        signals.asking(lambda: stopped.put(None)),
        ReplayServer(answerer, host=host, port=port) as server,
    ):
        tell(f"serving {len(stored)} completions of {listed(stored.models)}; Ctrl-C ends it")
        typer.echo(server.base_url)
        stopped.get()


def _latency(text: str) -> tuple[float, float]:
    shortest, _, longest = text.partition(":")
    try:
        return float(shortest), float(longest or shortest)
    except ValueError:
        raise InputError(f"--latency: {quoted(text)} is not a time: give seconds, 0.5, or a range, 0.5:4") from None
