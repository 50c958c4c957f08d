"""Words in any case, where the statement says so: YES, Yes and yes are one answer."""

from __future__ import annotations

from livecodebench.judging.checker import CheckOutcome, check_output


def check_ignore_case(output: str, expected: str, input: str) -> CheckOutcome:
    """Compare as the standard does, but with all letters in lower case."""
    return check_output(output.lower(), expected.lower())
