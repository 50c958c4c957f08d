"""Each checker of a single problem: on small inputs it accepts exactly what an independent brute force finds right."""

import json
import pickle  # noqa: TID251 - our own value, to be sent to where the problem is judged
from collections import Counter
from datetime import datetime
from fractions import Fraction
from itertools import combinations, pairwise, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.dataset.opening import open_dataset
from livecodebench.errors import DatasetError
from livecodebench.judging.checker import RIGHT
from livecodebench.judging.checkers import Checker, checker_for, known_issue
from livecodebench.judging.checkers import selection as selection_module
from livecodebench.judging.checkers.registry import CHECKERS, NamedChecker
from livecodebench.problem import Difficulty, Platform, Problem, TestKind


def problem(question_id, *, title="", platform=Platform.ATCODER, func_name=None):
    return Problem(
        question_id=question_id,
        title=title,
        content="",
        platform=platform,
        difficulty=Difficulty.EASY,
        contest_id="",
        contest_date=datetime(2024, 1, 1),
        starter_code="",
        func_name=func_name,
        public_tests=(),
        private_tests=tuple,
    )


def leetcode(slug, question_id="1"):
    return problem(question_id, title=slug, platform=Platform.LEETCODE, func_name="f")


def right(question_id, output, expected, given=""):
    outcome = checker_for(problem(question_id))(output, expected, given)
    assert outcome.right or 0 < len(outcome.reason) < 260
    return outcome.right


def exactly(question_id, given, answers, accepted, expected="the reference of another"):
    """The checker accepts, of all answers, exactly the accepted ones; some are, some are not."""
    answers, accepted = set(answers), set(accepted)
    assert accepted
    assert answers - accepted
    assert {answer for answer in answers | accepted if right(question_id, answer, expected, given)} == accepted


HOSTILE = [
    "",
    "-1",
    "Yes",
    "No",
    "Yes\n",
    "10",
    "nan",
    "\x00",
    "9" * 5000,
    "1 " * 500,
    "Yes " + "9" * 5000,
    b"\xff\xfe",
    "٣ 1",
]


def case(question_id, given, expected):
    return pytest.param(question_id, given, expected, id=question_id)


CASES = [
    case("abc311_c", "3\n2 1 1\n", "2\n1 2\n"),
    case("abc326_d", "3\nABC\nABC\n", "Yes\nABC\nBCA\nCAB\n"),
    case("abc333_e", "4\n1 1\n1 2\n2 2\n2 1\n", "2\n1 1\n"),
    case("abc343_a", "9 0\n", "3\n"),
    case("abc343_e", "1029 0 0\n", "Yes\n0 0 0 0 0 7 0 0 14\n"),
    case("abc350_c", "2\n2 1\n", "1\n1 2\n"),
    case("abc362_c", "2\n1 3\n-3 -1\n", "Yes\n2 -2\n"),
    case("abc363_f", "12\n", "12*1*21\n"),
    case("abc373_g", "2\n0 0\n0 2\n2 0\n2 3\n", "1 2\n"),
    case("abc374_d", "", "0.5\n"),
    case("abc395_a", "", "Maybe\n"),
    case("abc397_d", "7\n", "2 1\n"),
    case("abc315_e", "4\n2 2 3\n1 4\n0\n0\n", "4 3 2\n"),
    case("abc335_d", "3\n", "1 2 3\n8 T 4\n7 6 5\n"),
    case("abc366_g", "3 3\n1 2\n1 3\n2 3\n", "Yes\n4 4 4\n"),
    case("abc396_e", "3 2\n1 3 3\n1 2 4\n", "0 4 3\n"),
    case("arc181_c", "3\n1 2 3\n2 1 3\n", "001\n101\n110\n"),
    case("arc188_c", "3 3\n1 2 1\n2 3 1\n3 1 0\n", "000\n"),
    case("arc191_c", "2\n3\n1\n", "4 9\n1 1\n"),
    case("arc185_c", "3 6\n1 2 3\n", "1 2 3\n"),
    case("arc190_a", "2 1\n1 2\n", "1\n1\n"),
    case("arc195_c", "1\n4 0\n", "Yes\nR 1 1\nR 1 2\nR 2 2\nR 2 1\n"),
    case("mini_even_split", "2\n4 4\n", "AB\n"),
]


def test_every_checker_of_printed_output_is_tried_here():
    tried = {checker_for(problem(param.values[0])).name for param in CASES}
    assert tried == {name for name, named in CHECKERS.items() if named.kind is TestKind.STDIN}


@pytest.mark.parametrize(("question_id", "given", "expected"), CASES)
def test_the_reference_is_right_and_nonsense_is_wrong(question_id, given, expected):
    assert right(question_id, expected, expected, given)
    for output in HOSTILE:
        assert not right(question_id, output, expected, given), output


@pytest.mark.parametrize(("question_id", "given", "expected"), CASES)
def test_an_input_that_cannot_be_read_leaves_it_to_the_standard_comparison(question_id, given, expected):
    for broken in ["", "x", "5", "0 0", "-3 2\n1", given + "7 7", "1\n-1 -1\n", "4\n0 0 0 0"]:
        assert right(question_id, expected, expected, broken)
        assert not right(question_id, "Yes 0 0 1", expected, broken)


@given(st.sampled_from([param.values for param in CASES]), st.text(alphabet="YesNoABR.*- \n0123456789") | st.binary())
def test_no_output_raises(parameters, output):
    question_id, data, expected = parameters
    right(question_id, output, expected, data)


def test_directed_cycle():
    successors = [2, 3, 1, 5, 4, 4]
    rows = [row for size in range(1, 5) for row in product(range(7), repeat=size)]
    cycles = {
        row
        for start, size in ((1, 3), (2, 3), (3, 3), (4, 2), (5, 2))
        if len(row := tuple(_follow(successors, start, size))) == size
    }
    text = {row: f"{len(row)}\n{' '.join(map(str, row))}\n" for row in rows}
    exactly("abc311_c", "6\n2 3 1 5 4 4\n", text.values(), (text[row] for row in cycles))
    assert not right("abc311_c", "3\n4 5", "3\n1 2 3", "6\n2 3 1 5 4 4")
    assert not right("abc311_c", "1\n1", "2\n1 2", "2\n2 1")


def _follow(successors, start, size):
    for _ in range(size):
        yield start
        start = successors[start - 1]


def test_abc_grid():
    grids = ["Yes\n" + "\n".join(rows) for rows in product([*map("".join, permutations("ABC")), "AB."], repeat=3)]
    latin = [g for g in grids if all(set(column) == set("ABC") for column in zip(*g.split()[1:], strict=True))]
    first = [g for g in latin if [row[0] for row in g.split()[1:]] == ["A", "B", "C"] and g.split()[1] == "ABC"]
    exactly("abc326_d", "3\nABC\nABC\n", grids, first)
    spaced = "Yes\nAC..B\n.BA.C\nC.BA.\nBA.C.\n..CBA\n"
    other = "Yes\nA.C.B\n.AB.C\nCB.A.\nBC.A.\n..ACB\n"
    assert right("abc326_d", spaced, other, "5\nABCBC\nACAAB\n")
    assert not right("abc326_d", other, spaced, "5\nABCBC\nACAAB\n")
    assert not right("abc326_d", "No", spaced, "5\nABCBC\nACAAB\n")
    assert right("abc326_d", "No", "No", "3\nAAA\nBBB\n")


@pytest.mark.parametrize(
    "events", [[(1, 1), (1, 2), (1, 1), (2, 1), (1, 1), (2, 2), (2, 1)], [(1, 1), (1, 1), (2, 1)], [(1, 5), (1, 6)]]
)
def test_potions(events):
    found = sum(kind == 1 for kind, _ in events)
    held = {choice: _most_held(events, choice) for choice in product((0, 1), repeat=found)}
    least = min(most for most in held.values() if most is not None)
    text = {choice: f"{least}\n{' '.join(map(str, choice))}\n" for choice in held}
    best = [text[choice] for choice, most in held.items() if most == least]
    data = f"{len(events)}\n" + "".join(f"{kind} {type_}\n" for kind, type_ in events)
    exactly("abc333_e", data, text.values(), best)
    assert not right("abc333_e", best[0].replace(str(least), str(least + 1), 1), best[-1], data)


def _most_held(events, choice):
    bag, most, chosen = Counter(), 0, iter(choice)
    for kind, type_ in events:
        bag[type_] += next(chosen) if kind == 1 else -1
        most = max(most, bag.total())
        if bag[type_] < 0:
            return None
    return most


def test_potions_where_there_is_no_way():
    assert right("abc333_e", "-1", "-1", "2\n1 1\n2 2\n")
    assert not right("abc333_e", "1\n1", "-1", "2\n1 1\n2 2\n")


@given(st.lists(st.integers(-9, 9), min_size=9, max_size=9))
def test_three_cubes(places):
    cells = Counter(
        (x, y, z)
        for a, b, c in (places[:3], places[3:6], places[6:])
        for x, y, z in product(range(a, a + 7), range(b, b + 7), range(c, c + 7))
    )
    volumes = [sum(count == times for count in cells.values()) for times in (1, 2, 3)]
    answer = "Yes\n" + " ".join(map(str, places))
    assert right("abc343_e", answer, "Yes\n(another answer)", " ".join(map(str, volumes)))
    volumes[0] += 1
    assert not right("abc343_e", answer, "Yes\n(another answer)", " ".join(map(str, volumes)))


def test_three_cubes_stay_within_bounds():
    assert right("abc343_e", "Yes 100 0 0 -100 0 0 0 0 0", "Yes 0 0 0 7 0 0 14 0 0", "1029 0 0")
    assert not right("abc343_e", "Yes 101 0 0 -100 0 0 0 0 0", "Yes 0 0 0 7 0 0 14 0 0", "1029 0 0")


def test_not_the_sum():
    for a, b in product(range(10), repeat=2):
        if a + b <= 9:
            answers = [str(number) for number in range(-2, 13)] + ["1 2", "x"]
            accepted = [str(number) for number in range(10) if number != a + b]
            exactly("abc343_a", f"{a} {b}\n", answers, accepted)


def test_zero_sum():
    bounds = [(-2, 1), (0, 3), (-1, 1)]
    text = {row: f"Yes\n{' '.join(map(str, row))}" for row in product(range(-3, 4), repeat=3)}
    accepted = [
        text[row]
        for row in text
        if sum(row) == 0 and all(low <= value <= high for value, (low, high) in zip(row, bounds, strict=True))
    ]
    data = "3\n" + "".join(f"{low} {high}\n" for low, high in bounds)
    exactly("abc362_c", data, [*text.values(), "Yes\n0 0", "Yes\n0 0 0 0", "No"], accepted)


def test_triple_sum():
    values = [1, 3, 2, 4, 2, 1, 3]
    text = {row: " ".join(map(str, row)) for row in product(range(9), repeat=3)}
    accepted = [text[row] for row in combinations(range(1, 8), 3) if sum(values[place - 1] for place in row) == 6]
    exactly("arc185_c", "7 6\n1 3 2 4 2 1 3\n", [*text.values(), "-1", "1 2"], accepted)
    assert right("arc185_c", "-1", "-1", "3 9\n1 1 1\n")


@pytest.mark.parametrize("start", list(permutations((1, 2, 3))))
def test_swap_sort(start):
    pairs = list(product(range(5), repeat=2))
    rows = [row for size in range(4) for row in product(pairs, repeat=size) if size < 3 or set(row) == {(1, 2)}]
    text = {row: f"{len(row)}\n" + "".join(f"{one} {other}\n" for one, other in row) for row in rows}
    accepted = [text[row] for row in rows if _sorts(start, row)]
    exactly("abc350_c", f"3\n{' '.join(map(str, start))}\n", text.values(), accepted)


def _sorts(start, row):
    values = dict(enumerate(start, start=1))
    if len(row) > 2 or not all(1 <= one < other <= 3 for one, other in row):
        return False
    for one, other in row:
        values[one], values[other] = values[other], values[one]
    return list(values.values()) == [1, 2, 3]


def test_a_known_broken_test_is_judged_by_the_input():
    assert right("abc350_c", "2\n1 3\n2 4", "something else", "5\n3 4 1 2 5\n")
    assert right("abc350_c", "4\n2 3\n3 4\n1 2\n2 3", "2\n1 3\n2 4", "5\n3 4 1 2 5\n")


def test_cube_difference():
    text = {row: f"{row[0]} {row[1]}" for row in product(range(-2, 20), repeat=2)}
    accepted = [text[x, y] for x, y in text if min(x, y) > 0 and x**3 - y**3 == 721]
    assert len(accepted) == 2
    exactly("abc397_d", "721\n", [*text.values(), "-1", "9"], accepted)
    assert right("abc397_d", "342756 66212", "1 1", "39977273855577088")


def test_palindrome_product():
    formulas = ["".join(letters) for size in range(1, 6) for letters in product("120*", repeat=size)]
    formulas = [f for f in formulas if f[0] != "0"]  # 0121 is 121 to the standard comparison
    digits = [f for f in formulas if "0" not in f and "**" not in f and f.strip("*") == f]
    accepted = [f for f in digits if f == f[::-1] and eval(f) == 121]
    exactly("abc363_f", "121\n", formulas, accepted)
    assert right("abc363_f", "363", "11*3*11", "363\n")
    assert not right("abc363_f", "*".join(["1"] * 501), "1", "1\n")
    assert right("abc363_f", "*".join(["1"] * 500), "1", "1\n")
    assert right("abc363_f", "-1", "-1", "101\n")


def test_segments_apart():
    p, q = [(0, 0), (5, 1), (1, 4), (6, 6)], [(2, 1), (3, 3), (7, 2), (2, 7)]
    text = {row: " ".join(str(1 + place) for place in row) for row in product(range(4), repeat=4)}
    accepted = [
        text[row]
        for row in permutations(range(4))
        if not any(_meet(one, other) for one, other in combinations([(p[i], q[j]) for i, j in enumerate(row)], 2))
    ]
    data = "4\n" + "".join(f"{x} {y}\n" for x, y in p + q)
    exactly("abc373_g", data, [*text.values(), "-1", "1 2 3"], accepted)


def _meet(one, other):
    """Whether two segments have a point in common, by solving for it."""
    (ax, ay), (bx, by) = one
    (cx, cy), (dx, dy) = other
    denominator = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if denominator == 0:
        return False
    s = Fraction((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx), denominator)
    t = Fraction((cx - ax) * (by - ay) - (cy - ay) * (bx - ax), denominator)
    return 0 <= s <= 1 and 0 <= t <= 1


@pytest.mark.parametrize(
    "bounds", [[(2, 4), (3, 5), (1, 4), (2, 5)], [(1, 3), (1, 5), (2, 4)], [(1, 3), (2, 5)], [(2, 2), (4, 4), (2, 4)]]
)
def test_covering_operations(bounds):
    covers = [row for row in product(range(3), repeat=len(bounds)) if _covers(bounds, row)]
    least = min(len(row) - row.count(0) for row in covers)
    rows = product(range(4), repeat=len(bounds))
    text = {(cost, row): f"{cost}\n{' '.join(map(str, row))}" for row in rows for cost in range(4)}
    accepted = [text[least, row] for row in covers if len(row) - row.count(0) == least]
    data = f"5 {len(bounds)}\n" + "".join(f"{low} {high}\n" for low, high in bounds)
    exactly("arc190_a", data, [*text.values(), "-1"], accepted, expected=f"{least}")


def _covers(bounds, row):
    inside = [set(range(low, high + 1)) for low, high in bounds]
    everything = set(range(1, 6))
    chosen = [(set(), cells, everything - cells)[kind] for kind, cells in zip(row, inside, strict=True)]
    return set().union(*chosen) == everything


def test_covering_operations_where_there_is_no_way():
    assert right("arc190_a", "-1", "-1", "5 2\n1 3\n2 4\n")
    assert not right("arc190_a", "2\n1 1", "-1", "5 2\n1 3\n2 4\n")


def test_piece_loops():
    squares = list(product(range(1, 4), repeat=2))
    tours = [row for row in permutations(squares, 4) if row[0] == (2, 2)]
    text = {row: "Yes\n" + "".join(f"R {r} {c}\n" for r, c in row) + "No\n" for row in tours}
    closed = [
        text[row] for row in tours if all(abs(a - c) + abs(b - d) == 1 for (a, b), (c, d) in pairwise([*row, row[0]]))
    ]
    exactly("arc195_c", "2\n4 0\n1 1\n", text.values(), closed, expected="Yes\n" + "R 9 9\n" * 4 + "No\n")
    mixed = "Yes\nB 2 3\nR 3 2\nB 2 2\nB 3 3\nR 2 4\n"
    assert right("arc195_c", mixed, "Yes\n" + "R 1 1\n" * 5, "1\n2 3\n")
    for broken in [mixed.replace("R 2 4", "R 2 5"), mixed.replace("B 2 3", "R 2 3"), mixed + "No", "No", mixed[:-6]]:
        assert not right("arc195_c", broken, "Yes\n" + "R 1 1\n" * 5, "1\n2 3\n")
    assert right("arc195_c", "Yes\nR 9 9\nR 9 10\n", "Yes\nR 1 1\nR 1 2\n", "1\n2 0\n")
    assert not right("arc195_c", "Yes\nR 0 9\nR 0 10\n", "Yes\nR 1 1\nR 1 2\n", "1\n2 0\n")


def test_even_split():
    weights = [3, 1, 2, 4, 2]
    text = ["".join(row) for row in product("ABC", repeat=5)]
    accepted = [
        row
        for row in text
        if "C" not in row and 2 * sum(w for w, b in zip(weights, row, strict=True) if b == "A") == 12
    ]
    exactly("mini_even_split", "5\n3 1 2 4 2\n", [*text, "-1", "AB"], accepted)


@pytest.mark.parametrize(
    ("output", "expected", "accepted"),
    [
        ("0.5000005", "0.5", True),
        ("0.500002", "0.5", False),
        ("1000000.9", "1000000.0", True),
        ("1000001.1", "1000000.0", False),
        ("5e-1", "0.5", True),
        ("0.5\n1.5", "0.5 1.5", True),
        ("0.5", "0.5 1.5", False),
        ("0.5 1.5 2.5", "0.5 1.5", False),
        ("1000001", "1000000", False),  # the reference is an integer: exact
        ("1", "0.9999999", True),
        ("-1", "-1.0", True),
        ("-0.9999999", "-1", False),
        ("nan", "0.5", False),
        ("inf", "0.5", False),
        ("1e999", "0.5", False),
        ("0x.8", "0.5", False),
        ("0_1.5", "1.6", False),
        ("1" * 5000 + ".5", "0.5", False),
        ("Yes 0.5000001", "Yes 0.5", True),
        ("No 0.5", "Yes 0.5", False),
    ],
)
def test_tolerance(output, expected, accepted):
    assert right("abc374_d", output, expected) is accepted


def test_tolerance_is_each_statements_own():
    for question_id, error in (("abc375_b", 1e-6), ("abc385_f", 1e-9), ("abc392_d", 1e-8), ("mini_relay_pace", 1e-6)):
        assert right(question_id, f"{0.5 + 0.9 * error:.12f}", "0.5")
        assert not right(question_id, f"{0.5 + 1.2 * error:.12f}", "0.5")
    assert not right("abc385_f", "-0.9999999999", "-1")
    assert not right("abc301_a", "0.50000000001", "0.5")


def test_ignore_case():
    for question_id in ("1873_A", "1883_B", "abc395_a", "arc192_a", "arc192_b"):
        assert right(question_id, "yes\nnO", "YES\nNO")
        assert not right(question_id, "yes\nyes", "YES\nNO")
    assert not right("abc301_a", "yes", "Yes")


SLUGS = [
    "find-words-containing-character",
    "find-the-peaks",
    "generate-binary-strings-without-adjacent-zeros",
    "double-modular-exponentiation",
]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("expected", [["00", "01", "01", "1"], [0, 3, 3, 7], []])
def test_any_order(slug, expected):
    check = checker_for(leetcode(slug))
    text = json.dumps(expected)
    for row in permutations(expected):
        assert check(json.dumps(row).encode(), text, "").right
    for broken in (
        [*expected, 5],
        expected[1:],
        [*expected[1:], "9"],
        None,
        {"$t": [1]},
        "01",
        3,
    ):
        if broken != expected:
            assert not check(json.dumps(broken).encode(), text, "").right, broken


def test_any_order_counts_how_often():
    check = checker_for(leetcode(SLUGS[0]))
    assert "is not in both as often" in check(b"[1, 1, 2]", "[1, 2, 2]", "").reason
    assert not check(b"[NaN, 1]", "[1, 2]", "").right
    assert check(b"[1.0, true, 2]", "[2, 1, 1]", "").right
    assert not check(b'["1", "2"]', "[2, 1]", "").right
    assert not check(
        b"[[2], [1]]", "[[1], [2]]", ""
    ).right  # lists in lists: no problem needs them, the standard decides
    assert not check(b"2", "1", "").right
    assert not check(b"[1", "[1]", "").right


def test_other_problems_get_the_standard_comparison():
    assert checker_for(problem("abc301_a")) == Checker("abc301_a", TestKind.STDIN)
    assert checker_for(leetcode("two-sum")) == Checker("1", TestKind.FUNCTIONAL)
    for question_id in ("abc327_b", "abc337_e", "arc189_a", "arc183_d"):
        assert checker_for(problem(question_id)).name == "standard"


def test_a_slug_counts_on_leetcode_only_and_a_checker_for_its_kind_only():
    assert checker_for(problem("x", title="find-the-peaks")).name == "standard"
    assert checker_for(problem("abc326_d", func_name="f")).name == "standard"
    assert checker_for(leetcode("find-the-peaks", "2951")).name == "any_order"


def test_known_issues_are_told():
    assert "Interactive" in known_issue(problem("abc355_e"))
    assert "constraints" in known_issue(leetcode("most-frequent-ids"))
    assert known_issue(problem("abc350_c"))
    assert known_issue(problem("abc301_a")) == ""


@pytest.mark.parametrize("question_id", ["abc301_a", "abc374_d", "abc326_d"])
def test_a_checker_can_be_sent_elsewhere(question_id):
    check = checker_for(problem(question_id))
    packed = pickle.dumps(check)
    assert len(packed) < 400
    assert pickle.loads(packed) == check


def test_a_broken_reference_is_an_error_that_names_problem_and_test():
    check = checker_for(leetcode("two-sum", "7"))
    with pytest.raises(DatasetError, match=r"^problem 7, test 4: "):
        check(b"1", "x", "", test_index=4)
    with pytest.raises(DatasetError, match=r"^problem 7: "):
        check(b"1", "x", "")


def test_a_checkers_own_failure_is_not_scored(monkeypatch):
    def broken(output, expected, input):
        raise ZeroDivisionError

    monkeypatch.setattr(selection_module, "CHECKERS", {"abc_grid": NamedChecker(broken)})
    check = Checker("abc326_d", TestKind.STDIN, "abc_grid")
    assert check("same", "same", "") == RIGHT
    with pytest.raises(ZeroDivisionError):
        check("other", "same", "")


@pytest.mark.parity
def test_each_checker_by_itself_accepts_the_corpus_references(corpus):
    """So that it reads real inputs, and judges real answers, as the statement means them."""
    tried = Counter()
    for entry in open_dataset(corpus / "dev" / "problems.jsonl.gz").values():
        check = checker_for(entry)
        if check.name != "standard":
            named = CHECKERS[check.name]
            for test in entry.tests():
                reference = test.output if entry.kind is TestKind.STDIN else json.loads(test.output)
                if reference not in NO_WAY:
                    assert named.check(reference, reference, test.input, **dict(check.parameters)).right, (
                        entry.question_id
                    )
                    tried[check.name] += 1
    assert tried.keys() == CHECKERS.keys() - NOT_IN_THE_CORPUS


# Their problems are in no part of the corpus: they are compared with brute force only, here or beside this module.
NOT_IN_THE_CORPUS = {
    "confused_villagers",
    "directed_cycle",
    "dragon",
    "even_split",
    "multiplicative_order",
    "potions",
    "reading_order",
    "restricted_sum",
    "row_column_order",
    "three_cubes",
    "xor_neighbours",
}
NO_WAY = ["No\n", "-1\n"]  # what only the reference can tell
