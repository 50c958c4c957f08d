from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Optional, TypeVar, Union

import pytest

from lcb_ray.batch import BatchResult
from lcb_ray.gateway.hints import fits

T = TypeVar("T")


class Pair(NamedTuple):
    left: int


@pytest.mark.parametrize(
    ("value", "hint", "right"),
    [
        (1, int, True),
        (True, int, False),
        (1, float, True),
        (True, float, False),
        ("1", int, False),
        (True, bool, True),
        (1, bool, False),
        (None, None, True),
        (None, int | None, True),
        ("", int | None, False),
        (1, Union[int, str], True),  # noqa: UP007 - as older code has it
        (None, Optional[int], True),  # noqa: UP045 - as older code has it
        (object(), object, True),
        (object(), Any, True),
        (object(), T, True),
        ((), tuple[int, ...], True),
        ((1, 2), tuple[int, ...], True),
        ((1, "2"), tuple[int, ...], False),
        ((1, "2"), tuple[int, str], True),
        ((1,), tuple[int, str], False),
        ([1], tuple[int, ...], False),
        ((1, True), tuple[int | bool, ...], True),
        ([1], list[int], True),
        ([None], list[int], False),
        ([1], Sequence[int], True),
        ({"a": [1]}, Mapping[str, list[int]], True),
        ({1: [1]}, Mapping[str, list[int]], False),
        ({"a": 1}, dict[str, Any], True),
        (print, Callable[[int], str], True),
        (1, Callable[[int], str], False),
        (Pair(1), Pair, True),
        (1, BatchResult[Any], False),
    ],
)
def test_what_fits(value, hint, right):
    assert fits(value, hint) is right


def test_a_hint_that_is_not_known_is_found_at_once():
    with pytest.raises(TypeError, match="cannot be checked"):
        fits(1, Literal[1])
