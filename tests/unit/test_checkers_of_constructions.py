"""Checkers of problems that ask for any object of a kind: each accepts exactly what an independent brute force does."""

from datetime import datetime
from itertools import permutations, product

import pytest

from livecodebench.judging.checkers import checker_for
from livecodebench.problem import Difficulty, Platform, Problem


def checker(question_id, *, slug=""):
    return checker_for(
        Problem(
            question_id=question_id,
            title=slug,
            content="",
            platform=Platform.LEETCODE if slug else Platform.ATCODER,
            difficulty=Difficulty.EASY,
            contest_id="",
            contest_date=datetime(2024, 1, 1),
            starter_code="",
            func_name="f" if slug else None,
            public_tests=(),
            private_tests=tuple,
        )
    )


def exactly(question_id, given, expected, answers, accepted):
    """Of all answers, exactly the accepted ones are right; some are, some are not."""
    check = checker(question_id)
    accepted = set(accepted)
    assert accepted
    assert set(answers) - accepted
    found = set()
    for answer in {*answers, *accepted}:
        outcome = check(answer, expected, given)
        assert outcome.right or 0 < len(outcome.reason) < 260
        if outcome.right:
            found.add(answer)
    assert found == accepted


def words(numbers):
    return " ".join(map(str, numbers))


@pytest.mark.parametrize(
    "question_id", ["abc315_e", "abc335_d", "abc366_g", "abc396_e", "arc181_c", "arc188_c", "arc191_c"]
)
def test_an_input_that_is_none_leaves_it_to_the_standard_comparison(question_id):
    for given in ("", "x", "3 x", "1 2 3 4 5 6 7"):
        assert checker(question_id)("same", "same", given).right
        assert not checker(question_id)("other", "same", given).right


def test_reading_order():
    needs = {1: {2, 3}, 2: {4}, 3: {2, 5}, 4: set(), 5: set(), 6: {1}}
    given = "6\n" + "".join(f"{words([len(books), *books])}\n" for books in needs.values())
    answers = [order for count in (3, 4, 5) for order in permutations(range(2, 7), count)]
    accepted = [
        order
        for order in answers
        if set(order) == {2, 3, 4, 5} and all(needs[book] <= set(order[:place]) for place, book in enumerate(order))
    ]
    assert len(accepted) > 1
    exactly("abc315_e", given, "4 5 2 3\n", map(words, answers), map(words, accepted))


def test_dragon():
    ring = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0)]

    def laid(order):
        grid = {(1, 1): "T"} | {ring[place]: str(part) for part, place in enumerate(order, start=1)}
        return "\n".join(" ".join(grid[row, column] for column in range(3)) for row in range(3))

    along = [[(start + step * i) % 8 for i in range(8)] for start in range(8) for step in (1, -1)]
    other = [[0, 1, 2, 3, 4, 5, 7, 6], [7, 0, 2, 1, 3, 4, 5, 6]]
    exactly("abc335_d", "3\n", laid(along[0]), map(laid, other), map(laid, along))
    assert not checker("abc335_d")(laid(along[0]).replace("T", "9"), laid(along[0]), "3\n").right


def test_xor_neighbours():
    edges = [(1, 2), (1, 3), (2, 3), (2, 4), (3, 4)]
    given = "4 5\n" + "".join(f"{one} {other}\n" for one, other in edges)

    def cancels(numbers):
        around = dict.fromkeys(range(1, 5), 0)
        for one, other in edges:
            around[one] ^= numbers[other - 1]
            around[other] ^= numbers[one - 1]
        return 0 not in numbers and not any(around.values())

    answers = list(product(range(4), repeat=4))
    accepted = [f"Yes\n{words(numbers)}" for numbers in answers if cancels(numbers)]
    exactly("abc366_g", given, "Yes\n12 4 4 8\n", [f"Yes\n{words(numbers)}" for numbers in answers], accepted)
    assert not checker("abc366_g")("Yes\n1 1", "No\n", "2 1\n1 2\n").right


def test_restricted_sum():
    given = "3 1\n1 3 3\n"  # numbers 1 and 3 differ in two bits: their sum is 3 at least, in four ways
    answers = list(product(range(5), repeat=3))
    least = min(sum(numbers) for numbers in answers if numbers[0] ^ numbers[2] == 3)
    accepted = [numbers for numbers in answers if numbers[0] ^ numbers[2] == 3 and sum(numbers) == least]
    assert len(accepted) == 4
    exactly("abc396_e", given, "0 0 3\n", map(words, answers), map(words, accepted))
    assert not checker("abc396_e")("0 0 3", "-1\n", given).right


def test_row_column_order():
    answers = [
        "\n".join("".join(row) for row in zip(*[iter(bits)] * 3, strict=True)) for bits in product("01", repeat=9)
    ]

    def ordered(grid):
        rows = grid.split()
        columns = ["".join(column) for column in zip(*rows, strict=True)]
        return rows[2] < rows[0] < rows[1] and columns[0] < columns[2] < columns[1]

    accepted = list(filter(ordered, answers))
    exactly("arc181_c", "3\n3 1 2\n1 3 2\n", accepted[0], answers, accepted)


def test_confused_villagers():
    said = [(0, 1, 1), (0, 2, 0), (1, 2, 0), (2, 0, 1), (1, 0, 0)]
    given = "3 5\n" + "".join(f"{one + 1} {other + 1} {liar}\n" for one, other, liar in said)

    def holds(confused):
        """Whether some can be liars: what a liar says is wrong, and what somebody confused says is turned round."""
        return any(
            all((liars[other] == liar) != (liars[one] != confused[one]) for one, other, liar in said)
            for liars in product((0, 1), repeat=3)
        )

    answers = list(product((0, 1), repeat=3))
    text = {bits: "".join(map(str, bits)) for bits in answers}
    accepted = [text[bits] for bits in answers if holds(bits)]
    exactly("arc188_c", given, accepted[0], text.values(), accepted)
    assert not checker("arc188_c")("00", "-1\n", "2 1\n1 2 1\n").right


def test_multiplicative_order():
    def order_is(base, modulus, number):
        return all(((base**n - 1) % modulus == 0) == (n % number == 0) for n in range(1, 4 * number))

    for number in (1, 2, 3, 4, 6, 12):
        answers = list(product(range(1, 14), range(1, 28)))
        accepted = [pair for pair in answers if order_is(*pair, number)]
        exactly("arc191_c", f"1\n{number}\n", "5 5\n", map(words, answers), map(words, accepted))


def test_the_editorials_pair_for_a_large_number():
    number = 10**9 - 1
    assert checker("arc191_c")(f"{number + 1} {number**2}", "2 3", f"1\n{number}\n").right


@pytest.mark.parametrize(
    ("value", "expected", "accepted"),
    [
        ("1.5714285714285712", "1.57143", True),
        ("1.5715", "1.57143", False),
        ("720.00000000001", "720.0", True),
        ("50000000000.1", "50000000000.0", True),
        ("2", "2.0", True),
        ("NaN", "1.0", False),
        ("Infinity", "1.0", False),
        ("true", "1.00001", False),
        ('"1.0"', "1.00001", False),
        ("[1.0]", "1.00001", False),
    ],
)
def test_a_returned_number_within_a_tolerance(value, expected, accepted):
    check = checker("3613", slug="maximize-amount-after-two-days-of-conversions")
    assert check(value, expected, "").right is accepted


def test_a_palindrome_of_given_length_and_prefix_is_one():
    """abc398_f admits any shortest one: there is no other, so the standard comparison is enough."""
    for text in map("".join, product("ab", repeat=4)):
        shortest = {
            text + end
            for length in range(4)
            for end in map("".join, product("ab", repeat=length))
            if (whole := text + end) == whole[::-1] and not any(
                (text + shorter) == (text + shorter)[::-1]
                for less in range(length)
                for shorter in map("".join, product("ab", repeat=less))
            )
        }  # fmt: skip
        assert len(shortest) == 1
