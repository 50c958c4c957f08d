"""What `evaluate` and `replay` refuse, before anything runs: exit status 2, and what to mend."""

import pytest
from typer.testing import CliRunner

from livecodebench.cli.app import app


def refused(*arguments, said):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("mini-fast", "--replay", "mini"), 'has no answers of "mini-fast": MODEL is one of mini-strong, mini-weak'),
        (("mini-strong", "--replay", "nowhere.jsonl"), "nowhere.jsonl: no such file"),
        (("mini-strong", "--replay", "mini", "--base-url", "http://127.0.0.1:1/v1"), "--replay asks no API"),
        (("m", "--base-url", "http://user:pass@127.0.0.1/v1"), "--base-url holds a password"),
        (("m", "--api-key-env", "NO_SUCH_KEY"), "--api-key-env NO_SUCH_KEY: this variable is not set"),
        (("m", "--extra-body", "[]"), "extra-body must be a JSON object"),
        (("m", "--extra-body", '{"n": 5}'), "ask for several samples with -n"),
        (("m", "--style", "Poem"), "prompt style 'Poem' is unknown"),
        (("m", "--endpoint", "voice"), "--endpoint: is chat or completions"),
        (("m", "--extraction", "guess"), "--extraction: is one of official"),
        (("m", "-n", "0"), "-n: must be at least 1"),
        (("m", "--max-concurrent", "0"), "--max-concurrent: must be at least 1"),
        (("m", "--price-in", "1"), "--price-in and --price-out: give both"),
        (("m", "--top-p", "0"), "--top-p: must be more than 0"),
    ],
)
def test_bad_options_are_told_before_anything_runs(arguments, said):
    refused("evaluate", *arguments, "--dataset", "mini", said=said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--latency", "soon"), '--latency: "soon" is not a time'),
        (("--latency", "2:1"), "latency is 2.0:1.0"),
        (("--error-rate", "2"), "error-rate is 2.0"),
        (("--port", "70000"), "--port: must be 0 to 65535"),
        (("--host", "192.0.2.1"), "give another --host or --port"),
        (("--api-key-env", "NO_SUCH_KEY"), "this variable is not set"),
    ],
)
def test_bad_options_of_replay(arguments, said):
    refused("replay", "mini", "--dataset", "mini", *arguments, said=said)
