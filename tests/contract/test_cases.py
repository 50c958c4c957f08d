"""Programs as data, each with what any backend must say of it: how it ends, and what it finds around it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from lcb_ray.agent.protocol import ExecutionResult, Limits, Outcome

CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted((Path(__file__).parent / "cases").glob("*.toml"))
    for case in tomllib.loads(path.read_text())["case"]
]
KEYS = {"name", "needs", "source", "source_repeat", "input", "input_hex", "input_repeat", "function", "limits"}
EXPECTED = {"outcome", "exit_code", "signal", "uncaught", "stdout", "stdout_hex", "value", "value_empty", "stderr_has"}


def repeated(case, name):
    """A text, or [text, how often, tail]."""
    if f"{name}_repeat" in case:
        text, count, tail = case[f"{name}_repeat"]
        return text * count + tail
    return case.get(name, "")


def data_of(case):
    return bytes.fromhex(case["input_hex"]) if "input_hex" in case else repeated(case, "input").encode()


def stdout_of(case):
    return bytes.fromhex(case["stdout_hex"]) if "stdout_hex" in case else case.get("stdout", "").encode()


def expected_result(case):
    """What a backend that follows the script says."""
    return ExecutionResult(
        index=0,
        outcome=Outcome(case["outcome"]),
        exit_code=case.get("exit_code"),
        signal=case.get("signal"),
        uncaught=case.get("uncaught", ""),
        stdout=stdout_of(case),
        value=case.get("value", "").encode(),
        stderr=case.get("stderr_has", "").encode(),
    )


@pytest.mark.parametrize("case", CASES)
def test_a_program(case, run, programs, backend):
    assert not case.keys() - KEYS - EXPECTED
    if case.get("needs") == "numpy" and backend.runs_programs and run.pool.info().numpy is None:
        pytest.skip("this sandbox has no numpy")

    def does(data):
        return expected_result(case)

    does.constant = True
    program = programs.add(repeated(case, "source"), does, function=case.get("function"))
    limits = Limits(**case.get("limits", {}))
    result = run.one(program, data_of(case), limits=limits)

    said = {"outcome": result.outcome, "stderr": result.stderr.decode("utf-8", "replace")}
    assert said["outcome"] == case["outcome"], said
    for name in ("exit_code", "signal", "uncaught"):
        if name in case:
            assert getattr(result, name) == case[name], name
    if "stdout" in case or "stdout_hex" in case:
        assert result.stdout == stdout_of(case)
    if "value" in case:
        assert json.loads(result.value) == json.loads(case["value"])
    if "value_empty" in case:
        assert result.value == b""
    assert case.get("stderr_has", "") in said["stderr"]
