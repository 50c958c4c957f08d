"""The standard comparison: LiveCodeBench's rule, a plain model of it, and hostile output."""

import ast
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.judging.checker import check_output, decode_output, wrong


def right(produced, expected):
    return check_output(produced, expected).right


@pytest.mark.parametrize(
    ("produced", "expected"),
    [
        ("4\n", "4"),
        ("\n\n  4 \n\n", "4\n"),
        ("a \r\nb\r\n", "a\nb"),
        ("1   2\t3", "1 2 3"),
        ("1.0", "1"),
        ("1e3", "1000"),
        ("1_000", "1000"),
        ("-0", "0"),
        ("inf", "Infinity"),
        ("NaN", "NaN"),  # the same text
        ("", ""),
        (" \n", ""),
        ("", " \n"),
        ("\uff11\uff12", "12"),  # digits of any script, as Decimal reads them
        ("Yes\n1 2", "Yes\n1.0 2.0"),
        (b"caf\xc3\xa9", "café"),
        ("0." + "0" * 5000 + "1", "1e-5001"),
        ("1e999999999", "10e999999998"),
    ],
)
def test_right(produced, expected):
    assert check_output(produced, expected).right
    assert check_output(produced, expected).reason == ""


@pytest.mark.parametrize(
    ("produced", "expected", "reason"),
    [
        ("5", "4", "line 1: expected '4', printed '5'"),
        ("1\n2\n3", "1\n5\n3", "line 2: expected '5', printed '2'"),
        ("yes", "Yes", "line 1: expected 'Yes', printed 'yes'"),
        ("1\n\n2", "1\n2", "expected 2 lines (last: '2'), printed 3 (last: '2')"),
        ("1 2", "1\n2", "expected 2 lines (last: '2'), printed 1 (last: '1 2')"),
        ("", "1\n2", "expected 2 lines, printed nothing"),
        ("", "0", "line 1: expected '0', printed ''"),
        ("0", "", "line 1: expected '', printed '0'"),
        ("x 1.0", "x 1", "line 1: expected 'x 1', printed 'x 1.0'"),
        ("x  1", "x 1", "line 1: expected 'x 1', printed 'x  1'"),
        ("1 2 3", "1 2", "line 1: expected '1 2', printed '1 2 3'"),
        ("0.30000000000000004", "0.3", "line 1: expected '0.3', printed '0.30000000000000004'"),
        ("0x10", "16", "line 1: expected '16', printed '0x10'"),
        ("nan", "NaN", "line 1: expected 'NaN', printed 'nan'"),
        ("sNaN", "NaN", "line 1: expected 'NaN', printed 'sNaN'"),
        ("sNaN sNaN", "1 1", "line 1: expected '1 1', printed 'sNaN sNaN'"),
        ("1e99999999999999999999", "1", "line 1: expected '1', printed '1e99999999999999999999'"),
        (b"\xff", "1", "line 1: expected '1', printed '\ufffd'"),
        ("\x1b[2J\x00", "1", r"line 1: expected '1', printed '\x1b[2J\x00'"),
    ],
)
def test_wrong_says_what_differs(produced, expected, reason):
    assert check_output(produced, expected).reason == reason
    assert not right(produced, expected)


def test_a_long_line_is_told_by_its_word():
    numbers = [str(number) for number in range(1000)]
    printed = " ".join(["0.0", *numbers[1:700], "x", *numbers[701:]])
    assert check_output(printed, " ".join(numbers)).reason == "line 1, word 701: expected '700', printed 'x'"
    assert check_output(" ".join(numbers[:-1]), " ".join(numbers)).reason.startswith(
        "line 1, word 1000: expected '999'"
    )
    assert check_output(" ".join(numbers), " ".join(numbers[:-1])).reason.startswith("line 1, word 1000: expected ''")


def test_a_long_word_is_told_by_its_character():
    reason = check_output("a" * 500 + "b", "a" * 500 + "c").reason
    assert reason == "line 1, word 1, from character 501: expected 'c', printed 'b'"


def test_a_long_line_that_differs_in_form_only_says_so():
    assert "form of numbers" in check_output("word 1.0 " + "1 " * 50, "word 1 " + "1 " * 50).reason


def test_reasons_are_one_short_line():
    for produced, expected in [("\n" * 500 + "x" * 500, "y" * 500), ("\r\x0b\u2028" * 400 + "a", "b\n" * 9 + "c")]:
        reason = check_output(produced, expected).reason
        assert len(reason) < 260
        assert reason.isprintable()
    assert wrong("a\nb").reason == r"a\nb"


@pytest.mark.parametrize(
    ("produced", "expected"),
    [
        ("9" * 8_000_000, "9" * 7_999_999 + "8"),
        ("1 " * 8_000_000, "1 2"),
        ("\n" * 16_000_000, "1"),
        ("1\n" * 8_000_000, "1\n2"),
        (" " * 16_000_000 + "1", "2"),
        ("1e" + "9" * 4_000_000, "1"),
        ("1e8000000", "1" + "0" * 7_999_999 + "1"),
        ("_" * 8_000_000, "1"),
        (b"\xff" * 16_000_000, "1"),
    ],
    ids=["digits", "words", "empty lines", "lines", "spaces", "exponent", "power", "underscores", "bytes"],
)
@pytest.mark.timeout(20)
def test_hostile_sizes_take_linear_time(produced, expected):
    assert not right(produced, expected)


def model(produced: str, expected: str) -> bool:
    """The rule, written straight down: stripped lines, equal as text or as lists of decimals."""

    def decimals(line):
        try:
            return [Decimal(word) for word in line.split()]
        except ArithmeticError:
            return None

    def same(line, reference):
        numbers, due = decimals(line), decimals(reference)
        if line == reference:
            return True
        if numbers is None or due is None or any(number.is_snan() for number in numbers + due):
            return False
        return numbers == due

    found, wanted = ([line.strip() for line in text.strip().split("\n")] for text in (produced, expected))
    return len(found) == len(wanted) and all(map(same, found, wanted))


NUMBERS = ["0", "-0", "1", "1.0", "01", "1e0", "10", "1e1", "0.1", "1_0", "1e400", "\u0661"]
WORDS = st.sampled_from([*NUMBERS, "nan", "NaN", "sNaN", "inf", "-inf", "Infinity", "x", "X", "++1", "\x1f"])
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", "  ", "\n", "\r\n", "\t", "\n\n", "\xa0", "\x0b"]))).map(
    lambda pairs: "".join(word + space for word, space in pairs)
)


@given(TEXTS, TEXTS)
def test_it_agrees_with_the_plain_model(produced, expected):
    assert right(produced, expected) == model(produced, expected)


@given(TEXTS | st.text())
def test_every_text_is_right_against_itself(text):
    assert right(text, text)
    assert right(text.encode("utf-8"), text)


@given(st.text(), st.text())
def test_no_text_raises_and_the_rule_is_symmetric(produced, expected):
    assert right(produced, expected) == right(expected, produced) == model(produced, expected)


@given(st.binary())
def test_no_bytes_raise(produced):
    check_output(produced, "1 2\n3")
    assert "\ufffd" in decode_output(produced + b"\xff")


@given(
    st.lists(st.lists(WORDS.filter(str.strip), min_size=1), min_size=1), st.sampled_from(["", " ", "\t", "\r", " \r"])
)
def test_white_space_at_the_ends_of_lines_and_of_the_text_is_nothing(rows, space):
    text = "\n".join(" ".join(row) for row in rows)
    padded = "\n\n" + "\n".join(f"{space}{line}{space}" for line in text.split("\n")) + "\n \n"
    assert right(padded, text)


def _printed(code: str) -> str | None:
    """What a quirk's program prints, if it is one that only writes a literal."""
    if code == "pass":
        return ""
    if "sys.stdout.write" not in code:
        return None
    match ast.parse(code).body:
        case [ast.Import(), ast.Expr(ast.Call(ast.Attribute(attr="write"), [ast.Constant(str() as text)]))]:
            return text
    return None


@pytest.mark.parity
def test_the_corpus_quirks_of_comparison_are_judged_as_officially(corpus: Path):
    compared = 0
    for row in map(json.loads, (corpus / "dev" / "quirks.jsonl").read_text().splitlines()):
        printed = _printed(row["code"]) if row["kind"] == "stdin" else None
        if printed is not None:
            (expected,) = row["outputs"]
            assert right(printed, expected) == row["official_head"]["passed"], row["id"]
            compared += 1
    assert compared > 12
