"""Returned values of functional problems: decoded from the sandbox's bytes, compared as LiveCodeBench compares them.

The agent's side writes JSON with tags for what JSON lacks (`encode_value` in lcb_ray/agent/program.py):

    None, bool, int, float, str    JSON scalars; NaN and Infinity as Python writes them
    list; tuple at the top         array
    tuple below the top            {"$t": [item, ...]}
    dict                           {"$d": [[key, value], ...]}
    Fraction, finite Decimal       {"$q": ["numerator", "denominator"]}
    anything else                  {"$r": "type name"}, equal to nothing

The bytes come from the process that ran the program, so they are hostile: what breaks these rules is a wrong answer,
never an exception. The expected value is the dataset's JSON; if that is broken, it is a DatasetError.

The comparison is Python's `==`, as in the official grader: 1 is True and 1.0, a tuple below the top is no list, there
is no tolerance, and NaN equals nothing. Integers may be longer than the interpreter converts (4,300 digits): these stay
strings of digits, so that neither a global setting nor quadratic work is needed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from reprlib import Repr
from typing import cast

from livecodebench.errors import DatasetError
from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.printable import printable

_MAX_DIGITS = 4000  # below every interpreter's default limit; only equality of digits is asked of longer integers
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class LongInteger:
    """An integer of more than _MAX_DIGITS digits. Equal to the same digits only: no float reaches it."""

    digits: str

    def __repr__(self) -> str:
        return f"{self.digits[:20]}… ({len(self.digits)} digits)"


class Incomparable:
    """A value that no JSON value equals: a set, a range, an object, a dict with a key that is not a string."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"<{self._name}>"


class UndecodableValueError(ValueError):
    """The bytes are not what the agent writes for a returned value; the message says what is wrong."""


def check_value(produced: str | bytes, expected: str, input: str = "", *, where: str = "") -> CheckOutcome:
    """Compare a returned value with the reference.

    Args:
        produced: The value as the agent encoded it.
        expected: The reference as JSON.
        input: Not looked at.
        where: Names the test in an error.

    Raises:
        DatasetError: The reference is not JSON.
    """
    reference = parse_expected(expected, where=where)
    try:
        value = decode_value(produced, size_hint=len(expected.encode("utf-8", "surrogatepass")))
    except UndecodableValueError as error:
        return wrong(str(error))
    return compare_values(value, reference)


def parse_expected(expected: str, *, where: str = "") -> object:
    """Parse a dataset's expected return value. Raises DatasetError, naming `where`, if it is not JSON."""
    try:
        return load_value(expected)
    except (ValueError, RecursionError) as error:
        quoted = printable(expected, limit=80)
        raise DatasetError(
            f"{where + ': ' if where else ''}the expected return value {quoted!r} is not JSON ({error}): "
            "correct the test's output in the dataset"
        ) from None


def load_value(text: str) -> object:
    """Parse JSON, whatever the length of its integers. Raises what json.loads raises."""
    return json.loads(text, parse_int=_integer, parse_constant=float)


def decode_value(produced: str | bytes, *, size_hint: int) -> object:
    """Decode what the agent wrote for a returned value. Equal to the reference exactly if `==` says so.

    Args:
        produced: Hostile.
        size_hint: Bytes of the reference. A value far larger is refused before it is parsed: it cannot be equal.

    Raises:
        UndecodableValueError: It is too large, or not what the agent writes.
    """
    limit = 8 * size_hint + 65536
    if len(produced) > limit:
        raise UndecodableValueError(f"the returned value is far larger than the expected one ({len(produced)} bytes)")
    try:
        text = produced if isinstance(produced, str) else produced.decode("utf-8", "surrogatepass")
        return json.loads(text, parse_int=_integer, parse_constant=float, object_pairs_hook=_tagged)
    except UndecodableValueError:
        raise
    except RecursionError:
        raise UndecodableValueError("the returned value is nested too deeply") from None
    except ValueError:
        raise UndecodableValueError("the program did not return a value that can be read") from None


def compare_values(value: object, reference: object) -> CheckOutcome:
    """Compare a decoded value with a parsed reference."""
    if value == reference:
        return RIGHT
    path = ""
    while isinstance(value, list) and isinstance(reference, list) and len(value) == len(reference) and len(path) < 60:
        index = next(i for i, (one, other) in enumerate(zip(value, reference, strict=True)) if one != other)
        path += f"[{index}]"
        value, reference = value[index], reference[index]
    if isinstance(value, list) and isinstance(reference, list) and len(value) != len(reference):
        lengths = f"{_of(len(reference))}, returned {_of(len(value))}"
        return wrong(f"{path + ': ' if path else ''}expected {lengths}: {_REPR.repr(value)}")
    return wrong(f"{path + ': ' if path else ''}expected {_REPR.repr(reference)}, returned {_REPR.repr(value)}")


def _of(length: int) -> str:
    return "1 item" if length == 1 else f"{length} items"


def _integer(digits: str) -> int | LongInteger:
    """Read JSON's integer (no leading zeros); converts in bounded time."""
    return int(digits) if len(digits) <= _MAX_DIGITS else LongInteger(digits)


def _tagged(pairs: list[tuple[str, object]]) -> object:
    if len(pairs) != 1 or (read := _TAGS.get(pairs[0][0])) is None:
        raise UndecodableValueError("the returned value has a tag that the agent never writes")
    try:
        return read(pairs[0][1])
    except (TypeError, ValueError):
        raise UndecodableValueError("the returned value has a tag with the wrong content") from None


def _tuple(content: object) -> tuple[object, ...]:
    if not isinstance(content, list):
        raise TypeError
    return tuple(content)


def _dict(content: object) -> object:
    if not isinstance(content, list):
        raise TypeError
    pairs = [(key, value) for key, value in content]
    if not all(isinstance(key, str) for key, _ in pairs):
        return Incomparable("dict")  # JSON has string keys only; others are never hashed: they could collide
    return dict(pairs)


def _quotient(content: object) -> object:
    """A Fraction, or an integer where it is whole; a fraction of thousands of digits equals no float and no integer."""
    if not isinstance(content, list) or not all(isinstance(part, str) and _INTEGER.fullmatch(part) for part in content):
        raise TypeError
    numerator, denominator = cast("list[str]", content)
    if denominator == "1":
        return _integer(numerator)
    if max(len(numerator), len(denominator)) > _MAX_DIGITS:
        return Incomparable("Fraction")
    if int(denominator) <= 0:
        raise ValueError
    return Fraction(int(numerator), int(denominator))


def _other(content: object) -> Incomparable:
    if not isinstance(content, str):
        raise TypeError
    return Incomparable(content)


_TAGS: dict[str, Callable[[object], object]] = {"$t": _tuple, "$d": _dict, "$q": _quotient, "$r": _other}

_REPR = Repr()
_REPR.maxlevel, _REPR.maxlist, _REPR.maxtuple, _REPR.maxdict = 4, 8, 8, 4
_REPR.maxstring = _REPR.maxlong = _REPR.maxother = 60
