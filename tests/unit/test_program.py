"""How a returned value travels: written by the agent, read by the judge, equal exactly where Python's `==` says so.

What else happens in a test process is for the contract tests: it ends the process.
"""

from __future__ import annotations

import json
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

import numpy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lcb_ray.agent import program
from livecodebench.judging.call_value import Incomparable, decode_value

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
scalars = plain | st.fractions(max_denominator=50) | st.decimals(allow_nan=False, allow_infinity=False, places=3)
with_numpy = (
    scalars
    | st.integers(-9, 9).map(numpy.int64)
    | st.floats(-9, 9).map(numpy.float64)
    | st.floats(-9, 9, width=32).map(numpy.float32)
    | st.booleans().map(numpy.bool_)
)


def nested(leaves, *, tuples):
    def inside(inner):
        lists = st.lists(inner, max_size=3)
        dicts = st.dictionaries(st.text(max_size=3), inner, max_size=2)
        return lists | dicts | (lists.map(tuple) if tuples else st.nothing())

    return st.recursive(leaves, inside, max_leaves=8)


def travelled(value):
    """The value as the judge gets it, by way of bytes."""
    data = json.JSONEncoder().encode(program.encode_value(value)).encode("utf-8", "surrogatepass")
    return decode_value(data, size_hint=100_000)


def at_the_top(value):
    """LiveCodeBench takes a tuple for a list, at the top only."""
    return list(value) if isinstance(value, tuple) else value


@given(nested(with_numpy, tuples=True))
@example((1, (2, 3)))
@example([10**3000, -(10**3000)])
@example({"$t": [1], "$r": "set"})
@example([{"$q": ["1", "2"]}])
@example(float("inf"))
def test_a_value_arrives_equal_to_itself(value):
    assert travelled(value) == at_the_top(value)


@given(nested(scalars, tuples=True), nested(plain, tuples=False))
@example((1, 2), [1, 2])
@example([(1, 2)], [[1, 2]])
@example(True, 1)
@example(1, 1.0)
@example(Decimal("0.1"), 0.1)
@example(Fraction(1, 2), 0.5)
@example({"a": (1,)}, {"a": [1]})
@example("", [])
@example([0, -0.0], [False, 0])
def test_it_equals_a_reference_exactly_where_python_says_so(value, reference):
    assert (travelled(value) == reference) == bool(at_the_top(value) == reference)


@given(nested(scalars, tuples=True))
def test_it_equals_its_own_json_exactly_where_python_says_so(value):
    reference = json.loads(json.dumps(value, default=float))
    assert (travelled(value) == reference) == bool(at_the_top(value) == reference)


class Loud(list):
    """Equal to everything, if it were asked."""

    def __eq__(self, other):
        return True

    __hash__ = None

    def __iter__(self):
        return iter([1, 2, 3])


class Number(int):
    def __eq__(self, other):
        return True

    __hash__ = None

    def __add__(self, other):
        return 7

    __index__ = __int__ = __radd__ = __add__


class Colour(IntEnum):
    RED = 3


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Loud([4]), [4]),
        ([Loud([4])], [[4]]),
        (Number(5), 5),
        (
            type("Words", (str,), {"__str__": lambda self: "no", "__eq__": lambda *_: True, "__hash__": None})("yes"),
            "yes",
        ),
        (type("Real", (float,), {"__float__": lambda self: 9.0, "__pos__": lambda self: 9.0})(2.5), 2.5),
        (Colour.RED, 3),
        (Point(1, 2), [1, 2]),
        ([Point(1, 2)], [(1, 2)]),
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(int, a=1), {"a": 1}),
        (Counter("aab"), {"a": 2, "b": 1}),
        (numpy.array(3)[()], 3),
    ],
)
def test_what_a_type_overrides_does_not_count(value, expected):
    got = travelled(value)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(
    "value",
    [
        {1, 2},
        frozenset(),
        range(3),
        deque([1]),
        iter([1]),
        b"x",
        1j,
        object(),
        int,
        len,
        numpy.array([1]),
        Decimal("nan"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_data_equals_nothing(value):
    got = travelled(value)
    assert isinstance(got, Incomparable)
    assert not any(got == other for other in (None, [], [1, 2], {}, 0, "", value))
    assert isinstance(travelled([value])[0], Incomparable)


@pytest.mark.parametrize("value", [{1: 2}, {(1, 2): 3}, {None: 1}])
def test_a_dict_with_other_keys_than_strings_equals_nothing(value):
    assert travelled(value) != value


def test_nan_equals_nothing():
    assert travelled(float("nan")) != float("nan")
    assert travelled([float("nan")]) != [float("nan")]


def test_endless_values_end():
    loop = []
    loop.append(loop)
    with pytest.raises(RecursionError):
        program.encode_value(loop)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (b"x = (", "SyntaxError: '(' was never closed (line 1)"),
        (b"\n\ndef f(:\n", "SyntaxError: invalid syntax (line 3)"),
        (b"if x:\npass", "IndentationError: expected an indented block after 'if' statement on line 1 (line 2)"),
        (b"return 1", "SyntaxError: 'return' outside function (line 1)"),
    ],
)
def test_a_compile_error_is_described_in_one_line(source, line):
    with pytest.raises(SyntaxError) as caught:
        program.compile_source(source)
    assert program.describe_compile_error(caught.value).decode() == line


@pytest.mark.parametrize("source", [b"a\0b", b"\xff\xfe", b"# coding: nonsense\n", b"(" * 300, b"x" * 10 + b"\r\0"])
def test_any_compile_error_can_be_described(source):
    with pytest.raises((SyntaxError, ValueError, MemoryError, RecursionError)) as caught:
        program.compile_source(source)
    described = program.describe_compile_error(caught.value)
    assert 0 < len(described) <= 1000
    assert b"\n" not in described


def test_a_program_does_not_inherit_the_agent_s_future_imports():
    names = {}
    exec(program.compile_source(b"y: int = 1").code, names)
    assert names["__annotations__"] == {"y": int}
