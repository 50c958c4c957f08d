"""What the options about the model come to: defaults by style, and what is refused."""

import pytest

from livecodebench.answers.extraction import ExtractionRule
from livecodebench.cli.model_options import (
    OPENAI,
    check_counts,
    choose_endpoint,
    choose_rule,
    choose_style,
    connection_to,
    prices_of,
    sampling_of,
)
from livecodebench.errors import InputError
from livecodebench.prompts import STYLES, Endpoint

NOTHING = {
    "temperature": None,
    "top_p": None,
    "max_tokens": None,
    "seed": None,
    "extra_body": None,
    "reasoning": None,
}


def sampling(style="OpenAIChat", **options):
    return sampling_of(STYLES[style], **(NOTHING | options))


def test_livecodebenchs_own_sampling_is_the_default():
    assert (sampling().temperature, sampling().top_p, sampling().max_tokens) == (0.2, 0.95, None)
    assert sampling(temperature=0.0).temperature == 0.0
    assert sampling("DeepSeekR1").stop == ("###",)


@pytest.mark.parametrize("style", ["OpenAIReason", "OpenAIReasonPreview"])
def test_reasoning_models_get_no_temperature_unless_told(style):
    assert sampling(style).reasoning
    assert (sampling(style).temperature, sampling(style).top_p) == (None, None)
    assert sampling(style, temperature=1.0).temperature == 1.0
    assert not sampling(style, reasoning=False).reasoning
    assert sampling(style, reasoning=False).temperature == 0.2
    assert sampling("OpenAIChat", reasoning=True).temperature is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"temperature": -1}, "--temperature"),
        ({"temperature": float("nan")}, "--temperature"),
        ({"top_p": 0}, "--top-p"),
        ({"top_p": 1.5}, "--top-p"),
        ({"max_tokens": 0}, "--max-tokens"),
        ({"extra_body": "{"}, "extra-body is not JSON"),
    ],
)
def test_bad_sampling(options, said):
    with pytest.raises(InputError, match=said):
        sampling(**options)


def test_styles_are_named(capsys):
    assert choose_style(None, model="o1-mini-2024-09-12").name == "OpenAIReasonPreview"
    assert "prompt style OpenAIReasonPreview, LiveCodeBench's for this model" in capsys.readouterr().err
    assert choose_style(None, model="home-made").name == "OpenAIChat"
    assert "does not have this model; --style chooses another" in capsys.readouterr().err
    assert choose_style("Grok", model="home-made").name == "Grok"
    assert capsys.readouterr().err == ""


def test_endpoints_and_rules_follow_the_style():
    assert choose_endpoint(None, STYLES["DeepSeekR1"]) is Endpoint.COMPLETIONS
    assert choose_endpoint("chat", STYLES["DeepSeekR1"]) is Endpoint.CHAT
    assert choose_rule(None, STYLES["GenericBase"]) is ExtractionRule.WHOLE
    assert choose_rule("last_fenced", STYLES["GenericBase"]) is ExtractionRule.LAST_FENCED


def connect(base_url=None, api_key_env=None):
    return connection_to(base_url, api_key_env=api_key_env, max_concurrent=3, request_timeout=5.0)


def test_the_address_is_the_options_then_the_environments_then_openais(monkeypatch):
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    assert connect().base_url == OPENAI
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere/v1/")
    assert connect().base_url == "http://elsewhere/v1"
    assert connect("http://here/v1").base_url == "http://here/v1"
    assert (connect().concurrent, connect().timeout_s) == (3, 5.0)


@pytest.mark.parametrize(
    "counts", [{"samples": 0}, {"max_concurrent": 0}, {"request_timeout": 0.0}, {"request_timeout": float("nan")}]
)
def test_counts(counts):
    with pytest.raises(InputError, match="must be"):
        check_counts(**({"samples": 1, "max_concurrent": 1, "request_timeout": 1.0} | counts))


def test_prices_come_in_pairs():
    assert prices_of(None, None) is None
    assert prices_of(1.0, 2.0).completion == 2.0
    for pair in ((1.0, None), (None, 1.0), (-1.0, 1.0), (1.0, float("nan"))):
        with pytest.raises(InputError, match="give both"):
            prices_of(*pair)
