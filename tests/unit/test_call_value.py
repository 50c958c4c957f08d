"""Returned values: what the agent writes is read back, compared as Python does, and hostile bytes are only wrong."""

import itertools
import json
import sys
from collections import Counter, OrderedDict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcb_ray.agent.program import encode_value
from livecodebench.errors import DatasetError
from livecodebench.judging.call_value import check_value, decode_value, parse_expected


def encode(value):
    return json.dumps(encode_value(value)).encode()


def right(value, expected):
    return check_value(encode(value), expected).right


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (1, "true"),
        (True, "1"),
        (1.0, "1"),
        (2**70, str(2**70)),
        ("é\ud800\n", json.dumps("é\ud800\n")),
        ([1, [2, []]], "[1, [2, []]]"),
        ((1, 2), "[1, 2]"),
        (float("inf"), "Infinity"),
        (float("inf"), "1e999"),
        (0.1 + 0.2, "0.30000000000000004"),
        ({"a": [1]}, '{"a": [1]}'),
        (OrderedDict(b=1, a=2), '{"a": 2, "b": 1}'),
        (Counter("aab"), '{"a": 2, "b": 1}'),
        (Fraction(1, 2), "0.5"),
        (Fraction(4, 2), "2"),
        (Decimal("0.25"), "0.25"),
        ([Decimal(10) ** 30], "[1000000000000000000000000000000]"),
    ],
)
def test_right(value, expected):
    assert check_value(encode(value), expected).reason == ""
    assert right(value, expected)


@pytest.mark.parametrize(
    ("value", "expected", "reason"),
    [
        (2, "3", "expected 3, returned 2"),
        ("2", "2", "expected 2, returned '2'"),
        (0.1 + 0.2, "0.3", "expected 0.3, returned 0.30000000000000004"),
        (2**53, str(2**53 + 1), f"expected {2**53 + 1}, returned {2**53}"),
        (None, "[]", "expected [], returned None"),
        ([1, [2, 3]], "[1, [2, 4]]", "[1][1]: expected 4, returned 3"),
        ([1, [2, 3]], "[1, [2]]", "[1]: expected 1 item, returned 2 items: [2, 3]"),
        ([(1, 2)], "[[1, 2]]", "[0]: expected [1, 2], returned (1, 2)"),
        ([float("nan")], "[NaN]", "[0]: expected nan, returned nan"),
        ({1, 2}, "[1, 2]", "expected [1, 2], returned <set>"),
        (range(2), "[0, 1]", "expected [0, 1], returned <range>"),
        ({1: 2}, '{"1": 2}', "expected {'1': 2}, returned <dict>"),
        (Decimal("0.1"), "0.1", "expected 0.1, returned Fraction(1, 10)"),
        (Decimal("nan"), "NaN", "expected nan, returned <Decimal>"),
        ("\x1b[2J\n", '"a"', r"expected 'a', returned '\x1b[2J\n'"),
    ],
)
def test_wrong_says_what_differs(value, expected, reason):
    assert check_value(encode(value), expected).reason == reason
    assert not right(value, expected)


def test_numpy_scalars_count_as_their_values():
    import numpy

    assert right([numpy.int64(3), numpy.bool_(True), numpy.float64(0.5)], "[3, true, 0.5]")
    assert not right(numpy.array([1, 2]), "[1, 2]")


@pytest.mark.parametrize("digits", [3999, 4000, 4001, 4300, 4301, 50_000])
def test_integers_of_any_length_are_compared_without_touching_the_interpreter(digits):
    limit = sys.get_int_max_str_digits()
    number = "9" * digits
    for sign, other in itertools.product(["", "-"], ["8", "9", "99"]):
        value = sign + number[:-1] + other
        assert check_value(value, value).right
        assert check_value(value, number).right == (value == number)
        assert check_value('{"$q":["' + value + '","1"]}', value).right
    assert not check_value(number, "1e999").right
    assert not check_value('{"$q":["1","' + number + '"]}', "0.0").right
    assert sys.get_int_max_str_digits() == limit


@pytest.mark.parametrize(
    "produced",
    [
        b"",
        b"\xff\xfe",
        b"nope",
        b"[1",
        b"[" * 60_000,
        b'{"$t":' * 10_000,
        b"[1]" + b" " * 200_000,
        b'{"a": 1}',
        b"{}",
        b'{"$t": [1], "$d": []}',
        b'{"$x": 1}',
        b'{"$t": 1}',
        b'{"$t": "ab"}',
        b'{"$d": [1]}',
        b'{"$d": [["a"]]}',
        b'{"$d": {"$t": [1]}}',
        b'{"$q": ["1", "0"]}',
        b'{"$q": ["1", "-2"]}',
        b'{"$q": ["1"]}',
        b'{"$q": [1, 2]}',
        b'{"$q": ["1e9", "2"]}',
        b'{"$q": ["0x1", "2"]}',
        b'{"$q": {"$t": ["1", "2"]}}',
        b'{"$r": 1}',
        b"\xef\xbb\xbf[1]",
    ],
)
def test_bytes_that_the_agent_never_writes_are_a_wrong_answer(produced):
    outcome = check_value(produced, "[1]")
    assert not outcome.right
    assert 0 < len(outcome.reason) < 200


@pytest.mark.parametrize(
    "produced",
    [
        b"1" * 2_000_000,
        b"[" + b'{"$q":["1","2"]},' * 120_000 + b"1]",
        b'{"$d":[' + b",".join(b"[%d,0]" % ((2**61 - 1) * i) for i in range(80_000)) + b"]}",
        b"[" + (b"9" * 4000 + b",") * 510 + b"1]",
        b"[" + b"[]," * 700_000 + b"1]",
        b'"' + b"\\u0000" * 360_000 + b'"',
        b"0." + b"1" * 2_000_000,
    ],
    ids=["digits", "fractions", "colliding keys", "long integers", "lists", "escapes", "float"],
)
@pytest.mark.timeout(30)
def test_hostile_values_of_the_allowed_size_take_bounded_time(produced):
    expected = json.dumps("x" * 280_000)
    assert len(produced) < 8 * len(expected) + 65536
    assert not check_value(produced, expected).right


def test_a_value_far_larger_than_the_expected_one_is_not_parsed():
    assert "far larger" in check_value(b"[" * 65_600, "[1]").reason


@pytest.mark.parametrize("expected", ["", "x", "[1", "[" * 100_000, "'a'"])
def test_a_broken_reference_is_an_error_that_names_the_test(expected):
    with pytest.raises(
        DatasetError, match=r"^problem p1, test 3: the expected return value .* is not JSON .*: correct"
    ):
        check_value(b"1", expected, where="problem p1, test 3")


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
PYTHON = st.recursive(
    SCALARS | st.fractions(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.integers() | st.text(), inner),
    max_leaves=20,
)


@given(PYTHON, JSON)
def test_the_verdict_is_pythons_equality(value, reference):
    expected = json.dumps(reference)
    official = list(value) if isinstance(value, tuple) else value
    assert right(value, expected) == (official == json.loads(expected))


@given(JSON)
def test_a_json_value_is_read_back_as_it_was(value):
    decoded = decode_value(encode(value), size_hint=10**6)
    assert repr(decoded) == repr(value) == repr(parse_expected(json.dumps(value)))


@given(st.binary() | st.text(alphabet='[]{}"$tdqr:,.0123456789-eNaI\\u ').map(str.encode))
def test_no_bytes_raise(produced):
    check_value(produced, "[1, 2.5]")


@pytest.mark.parity
def test_the_corpus_quirks_of_values_are_judged_as_officially(corpus: Path):
    compared = 0
    for row in map(json.loads, (corpus / "dev" / "quirks.jsonl").read_text().splitlines()):
        if row["id"] in RETURNED:
            (expected,) = row["outputs"]
            assert right(RETURNED[row["id"]], expected) == row["official_head"]["passed"], row["id"]
            compared += 1
    assert compared == len(RETURNED)


# What the programs of these quirks return.
RETURNED = {
    "fn_tuple": (1, 2),
    "fn_tuple_nested": [(1, 2)],
    "fn_float_int": 2.0,
    "fn_bool_int": 1,
    "fn_range": range(2),
    "fn_nan": float("nan"),
}
