"""A JSON list of tests, as both test columns hold it once they are unpacked, becomes TestCases.

Whether a test is stdin or functional is not taken from here: the official rule is the problem's `metadata.func_name`.
"""

from __future__ import annotations

import json

from livecodebench.errors import DatasetError
from livecodebench.files.jsonl import json_type
from livecodebench.problem import TestCase, TestKind

_KINDS = tuple(kind.value for kind in TestKind)


def parse_testcases(text: str, *, place: str) -> tuple[TestCase, ...]:
    """Parse `[{"input": str, "output": str, "testtype": "stdin"|"functional"}, ...]`; other keys are ignored.

    Args:
        text: The JSON.
        place: File, line and column name, for the DatasetError raised where anything is missing or of a wrong type.
    """
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise DatasetError(f"{place}: not usable JSON: {exc}: a JSON list of tests is expected") from None
    if not isinstance(rows, list):
        raise DatasetError(f"{place}: a JSON list of tests is expected, not {json_type(rows)}; write [] for none")
    return tuple(_testcase(row, f"{place}[{index}]") for index, row in enumerate(rows))


def _testcase(row: object, place: str) -> TestCase:
    if not isinstance(row, dict):
        raise DatasetError(
            f'{place}: an object with "input", "output" and "testtype" is expected, not {json_type(row)}'
        )
    if row.get("testtype") not in _KINDS:
        raise DatasetError(f'{place}.testtype: must be "stdin" or "functional", and each test needs one')
    return TestCase(input=_text(row, "input", place), output=_text(row, "output", place))


def _text(row: dict[str, object], key: str, place: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        found = json_type(value) if key in row else "missing"
        raise DatasetError(f"{place}.{key}: must be a string, is {found}: each test needs its input and its output")
    if not is_unicode(value):
        raise DatasetError(f"{place}.{key}: holds half of a surrogate pair, which no program can read: mend the text")
    return value


def is_unicode(text: str) -> bool:
    r"""True where the text can be written as UTF-8; JSON can smuggle in half of a pair, as in "\ud800"."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False
