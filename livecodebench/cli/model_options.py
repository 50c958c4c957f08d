"""The options about the model, written once: how it is reached and how it answers."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Annotated

import typer

from livecodebench.cli.exits import tell
from livecodebench.cli.options import setting
from livecodebench.errors import InputError, quoted

if TYPE_CHECKING:
    from livecodebench.answers.extraction import ExtractionRule
    from livecodebench.evaluation.generation_totals import Prices
    from livecodebench.model_client.connection import Connection
    from livecodebench.model_client.sampling import Sampling
    from livecodebench.prompts import Endpoint, Style

OPENAI = "https://api.openai.com/v1"

BaseUrl = Annotated[
    str | None,
    setting(
        "--base-url",
        "The API, with its version, such as http://127.0.0.1:8000/v1 (default: OPENAI_BASE_URL, else OpenAI's).",
        "URL",
    ),
]
ApiKeyEnv = Annotated[
    str | None,
    setting("--api-key-env", "The environment variable that holds the API key (default: OPENAI_API_KEY).", "NAME"),
]
ApiKeyFile = Annotated[
    str | None, setting("--api-key-file", "A file that holds the API key, such as that of a mounted secret.", "PATH")
]
Samples = Annotated[
    int,
    typer.Option(
        "-n",
        "--samples",
        metavar="N",
        envvar="LIVECODEBENCH_SAMPLES",
        show_envvar=False,
        help="Completions of each problem.",
    ),
]
Temperature = Annotated[
    float | None, setting("--temperature", "Default: 0.2, as LiveCodeBench has it; not sent with --reasoning.", "T")
]
TopP = Annotated[
    float | None, setting("--top-p", "Default: 0.95, as LiveCodeBench has it; not sent with --reasoning.", "P")
]
MaxTokens = Annotated[
    int | None,
    setting("--max-tokens", "The most tokens of an answer (default: the API's own limit; LiveCodeBench: 2000).", "N"),
]
Seed = Annotated[int | None, setting("--seed", "Of sample 0; sample k gets SEED + k.", "SEED")]
ExtraBody = Annotated[
    str | None,
    setting("--extra-body", "More fields for each request, a JSON object; they win over the other options.", "JSON"),
]
Reasoning = Annotated[
    bool | None,
    typer.Option(
        "--reasoning/--no-reasoning",
        envvar="LIVECODEBENCH_REASONING",
        show_envvar=False,
        show_default=False,
        help="Ask as OpenAI's reasoning models want it: max_completion_tokens, no temperature (default: by the style).",
    ),
]
StyleName = Annotated[
    str | None, setting("--style", "LiveCodeBench's prompt style (default: by the model's name).", "STYLE")
]
EndpointName = Annotated[
    str | None,
    setting("--endpoint", "chat or completions: where styles with raw text are sent (default: by the style).", "NAME"),
]
MaxConcurrent = Annotated[int, setting("--max-concurrent", "Requests at once (default: 32).", "N")]
RequestTimeout = Annotated[float, setting("--request-timeout", "Seconds for one answer (default: 600).", "SECONDS")]
PriceIn = Annotated[float | None, setting("--price-in", "Of a million prompt tokens, for the cost.", "PRICE")]
PriceOut = Annotated[float | None, setting("--price-out", "Of a million completion tokens, for the cost.", "PRICE")]


def choose_style(name: str | None, *, model: str) -> Style:
    """The style that was asked for, else the model's. Raises InputError."""
    from livecodebench.prompts import find_style, style_for

    if name is not None:
        return find_style(name)
    choice = style_for(model)
    if choice.guessed:
        tell(f"prompt style {choice.style}: LiveCodeBench's list does not have this model; --style chooses another")
    else:
        tell(f"prompt style {choice.style}, LiveCodeBench's for this model")
    return find_style(choice.style)


def choose_endpoint(name: str | None, style: Style) -> Endpoint:
    """The endpoint that was asked for, else the style's. Raises InputError."""
    from livecodebench.prompts import Endpoint

    if name is None:
        return style.endpoint
    try:
        return Endpoint(name)
    except ValueError:
        raise InputError(f"--endpoint: is chat or completions, not {quoted(name)}") from None


def sampling_of(
    style: Style,
    *,
    temperature: float | None,
    top_p: float | None,
    max_tokens: int | None,
    seed: int | None,
    extra_body: str | None,
    reasoning: bool | None,
) -> Sampling:
    """The sampling parameters that the options and the style name. Raises InputError."""
    from livecodebench.model_client.sampling import REASONING_STYLES, Sampling, parse_extra_body

    if temperature is not None and not 0 <= temperature <= 10:
        raise InputError(f"--temperature: must be 0 or a little more, is {temperature:g}")
    if top_p is not None and not 0 < top_p <= 1:
        raise InputError(f"--top-p: must be more than 0 and at most 1, is {top_p:g}")
    if max_tokens is not None and max_tokens < 1:
        raise InputError(f"--max-tokens: must be at least 1, is {max_tokens}")
    as_reasoning = style.name in REASONING_STYLES if reasoning is None else reasoning
    if not as_reasoning:
        temperature = 0.2 if temperature is None else temperature
        top_p = 0.95 if top_p is None else top_p
    return Sampling(
        temperature=temperature,
        top_p=top_p,
        max_tokens=max_tokens,
        seed=seed,
        stop=style.stop,
        reasoning=as_reasoning,
        extra_body={} if extra_body is None else parse_extra_body(extra_body),
    )


def choose_rule(name: str | None, style: Style) -> ExtractionRule:
    """The rule of extraction that was asked for, else the style's. Raises InputError."""
    from livecodebench.answers.extraction import ExtractionRule

    if name is None:
        return style.extraction
    try:
        return ExtractionRule(name)
    except ValueError:
        raise InputError(f"--extraction: is one of {', '.join(ExtractionRule)}, not {quoted(name)}") from None


def check_counts(*, samples: int, max_concurrent: int, request_timeout: float) -> None:
    """Refuse what makes no sense. Raises InputError."""
    if samples < 1:
        raise InputError(f"-n: must be at least 1, is {samples}")
    if max_concurrent < 1:
        raise InputError(f"--max-concurrent: must be at least 1, is {max_concurrent}")
    if not 0 < request_timeout <= 86400:
        raise InputError(f"--request-timeout: must be more than 0 and at most 86400 seconds, is {request_timeout:g}")


def connection_to(
    base_url: str | None,
    *,
    api_key_env: str | None,
    api_key_file: str | None = None,
    max_concurrent: int,
    request_timeout: float,
) -> Connection:
    """How the API is reached. Raises InputError."""
    from livecodebench.model_client.connection import Connection, checked_base_url
    from livecodebench.model_client.key import key_from_environment, key_from_file

    if api_key_env is not None and api_key_file is not None:
        raise InputError("--api-key-env and --api-key-file: give one of them")
    key = key_from_environment(api_key_env) if api_key_file is None else key_from_file(api_key_file)
    url = checked_base_url(base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI, key)
    return Connection(base_url=url, key=key, timeout_s=request_timeout, concurrent=max_concurrent)


def prices_of(price_in: float | None, price_out: float | None) -> Prices | None:
    """The prices that the options name; None without any. Raises InputError."""
    from livecodebench.evaluation.generation_totals import Prices

    if price_in is None and price_out is None:
        return None
    if price_in is None or price_out is None or not (0 <= price_in < math.inf and 0 <= price_out < math.inf):
        raise InputError("--price-in and --price-out: give both, 0 or more, or neither")
    return Prices(price_in, price_out)
