"""How the official grader compares an answer, and what it writes of a wrong one.

The comparisons themselves are the project's own (`checker` and `call_value` of livecodebench.judging), which follow the
official rule; here is what they leave out: the words, and the ways in which the official grader itself fails.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from math import prod

from livecodebench.judging.call_value import UndecodableValueError, compare_values, decode_value

_AMBIGUOUS = (
    "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()",
    "The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty.",
)


class OfficialComparisonError(Exception):
    """The comparison itself raises in the official grader; the message is what it writes of that."""


def truncated(text: str, length: int = 300) -> str:
    """A text as metadata shows it."""
    if len(text) <= length:
        return text
    return text[: length // 2] + "...(truncated) ..." + text[-length // 2 :]


def compare_printed(output: str, expected: str) -> str:
    """Say what is wrong with printed output; empty where it is right.

    Raises:
        OfficialComparisonError: A signalling NaN meets a number.
    """
    printed, wanted = output.strip(), expected.strip()
    if printed.count("\n") != wanted.count("\n"):
        return "Wrong answer: mismatched output length"
    for number, (line, reference) in enumerate(zip(printed.split("\n"), wanted.split("\n"), strict=True)):
        line, reference = line.strip(), reference.strip()
        if line != reference and not _same_numbers(line, reference):
            return f"Wrong answer at output_line_idx={number}: {truncated(line)} != {truncated(reference)}"
    return ""


def _same_numbers(line: str, reference: str) -> bool:
    wanted = reference.split()
    words = line.split(None, len(wanted))  # of a hostile line no more than it takes to see that it has too many
    if len(words) != len(wanted):
        return False
    try:
        found, due = list(map(Decimal, words)), list(map(Decimal, wanted))
    except InvalidOperation:
        return False
    try:
        return found == due
    except InvalidOperation as error:
        raise OfficialComparisonError(str(error)) from None


def returned_right(encoded: str, reference: object, *, size_hint: int, shape: tuple[int, ...] | None = None) -> bool:
    """Whether a returned value equals the reference.

    Args:
        encoded: As `livecodebench.judging.call_value` reads it; of an array, the list of its items.
        reference: Parsed.
        size_hint: Bytes of the reference.
        shape: Of a numpy array.

    Raises:
        OfficialComparisonError: The value is an array, and not of one item.
    """
    try:
        value = decode_value(encoded, size_hint=size_hint)
    except UndecodableValueError:
        return False
    if shape is None:
        return compare_values(value, reference).right
    wanted = _shape_of(reference)
    common = _broadcast(shape, wanted)
    if common is None:
        shapes = " ".join(_written(one) for one in (shape, wanted))
        raise OfficialComparisonError(f"operands could not be broadcast together with shapes {shapes} ")
    if prod(common) != 1:
        raise OfficialComparisonError(_AMBIGUOUS[prod(common) == 0])
    while isinstance(reference, list):
        reference = reference[0]
    return isinstance(value, list) and len(value) == 1 and compare_values(value[0], reference).right


def _shape_of(reference: object) -> tuple[int, ...]:
    shape = []
    while isinstance(reference, list):
        shape.append(len(reference))
        reference = reference[0] if reference else None
    return tuple(shape)


def _broadcast(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...] | None:
    common = []
    for here, there in zip_longest(reversed(one), reversed(other), fillvalue=1):
        if here != there and 1 not in (here, there):
            return None
        common.append(here if there == 1 else there)
    return tuple(common)


def _written(shape: tuple[int, ...]) -> str:
    return f"({','.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
