"""From what the harness tells to the official grader's word: hostile records, results, metadata, time, and cheats."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcb_ray.agent.protocol import ExecutionResult, Outcome, Usage
from lcb_ray.batch import Case
from livecodebench.judging.checkers import Checker
from livecodebench.judging.official.comparison import (
    OfficialComparisonError,
    compare_printed,
    returned_right,
    truncated,
)
from livecodebench.judging.official.records import Failed, Raised, read_records
from livecodebench.judging.official.replay import Replay
from livecodebench.judging.official.task import Tests
from livecodebench.problem import TestKind

MARK = "123456789012345"
START = [{"kind": "started"}, {"kind": "parsed"}]
DONE = {"kind": "done"}


def ran(index, output, **fields):
    times = {"wall": 0.5, "cpu": 0.5, "extended": 0, "raised": 0}
    return {"kind": "test", "index": index, **times, "output": output, **fields}


def returned(index, value, **fields):
    return ran(index, json.dumps(value), shown=str(value), inputs="[1]", **fields)


def raised(index, error, **fields):
    return {"kind": "raised", "index": index, "wall": 0.1, "cpu": 0.1, "error": error, **fields}


def lines(*records):
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def grade(records, outputs, *, functional=False, usage=None, suspicious=False, outcome=Outcome.EXITED, start=True):
    kind = TestKind.FUNCTIONAL if functional else TestKind.STDIN
    replay = Replay(functional, 6.0, suspicious, len(outputs), Checker("p", kind))
    execution = ExecutionResult(
        index=0,
        outcome=outcome,
        usage=usage or Usage(cpu_s=1.0, wall_s=1.0),
        stdout=lines(*(START if start else []), *records),
    )
    tests = Tests(tuple(f"in{index}" for index in range(len(outputs))), tuple(outputs), MARK)
    return replay(execution, Case(b"", tests))


class TestRecords:
    def test_all_that_the_harness_writes(self):
        found = read_records(lines(*START, ran(0, "1\n"), raised(1, "ValueError('x')", inputs="[2]")))
        assert (found.started, found.parsed, len(found.tests)) == (True, True, 1)
        assert found.tests[0].output == "1\n"
        assert found.end == Raised(wall_s=0.1, cpu_s=0.1, error="ValueError('x')", inputs="[2]")
        assert read_records(lines({"kind": "failed", "message": "m", "error": "E"})).end == Failed("m", "E")
        assert read_records(lines({"kind": "done"})).end is True

    @pytest.mark.parametrize(
        "line",
        [
            b"",
            b"[]",
            b"nonsense",
            b'{"kind": "unknown"}',
            b"[" * 100_000,
            b'{"kind": "test", "index": ' + b"9" * 10_000 + b"}",
            json.dumps(ran(1, "out of order")).encode(),
            json.dumps(ran(True, "no number")).encode(),
            json.dumps(ran(0, None)).encode(),
            json.dumps(ran(0, "x", wall=-1.0)).encode(),
            json.dumps(ran(0, "x", wall=float("nan"))).encode(),
            json.dumps(ran(0, "x", wall="1")).encode(),
            json.dumps(ran(0, "x", raised=-1)).encode(),
            json.dumps(ran(0, "x", shape=["1"])).encode(),
            json.dumps(ran(0, "x", cut=["only one"])).encode(),
            json.dumps({"kind": "cheat", "what": "something else"}).encode(),
        ],
    )
    def test_what_it_cannot_have_written_ends_the_reading(self, line):
        found = read_records(lines(*START) + line + b"\n" + lines(ran(0, "1"), DONE))
        assert found.started
        assert found.tests == []
        assert found.end is None

    def test_nothing_follows_the_end_but_traces_of_cheating(self):
        found = read_records(lines(*START, DONE, {"kind": "cheat", "what": "grader"}, ran(0, "1")))
        assert (found.end, found.tests, found.cheats) == (True, [], {"grader"})

    def test_a_torn_line_is_none(self):
        assert read_records(lines(*START, ran(0, "1"))[:-1]).tests == []

    @given(st.binary(max_size=300))
    def test_any_bytes_can_be_read(self, data):
        assert read_records(data).started in (False, True)

    @given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5))
    def test_any_fields_can_be_read(self, value):
        for name in ("kind", "index", "wall", "output", "shape", "cut", "shown"):
            read_records(lines(ran(0, "1") | {name: value}))


class TestComparison:
    @pytest.mark.parametrize(
        ("output", "expected", "message"),
        [
            ("1\n", "1", ""),
            (" 1 \n\n", "\n1", ""),
            ("1.0 2e1", "1 20", ""),
            ("", "", ""),
            ("1", "1\n2", "Wrong answer: mismatched output length"),
            ("a 1.0", "a 1", "Wrong answer at output_line_idx=0: a 1.0 != a 1"),
            ("x\n1 2", "x\n1", "Wrong answer at output_line_idx=1: 1 2 != 1"),
            ("1" * 400, "2", f"Wrong answer at output_line_idx=0: {'1' * 150}...(truncated) ...{'1' * 150} != 2"),
            ("NaN", "NaN", ""),
            ("nan", "NaN", "Wrong answer at output_line_idx=0: nan != NaN"),
            ("sNaN 1", "1", "Wrong answer at output_line_idx=0: sNaN 1 != 1"),
        ],
    )
    def test_printed(self, output, expected, message):
        assert compare_printed(output, expected) == message

    def test_a_signalling_nan_breaks_the_official_comparison(self):
        with pytest.raises(OfficialComparisonError, match="InvalidOperation"):
            compare_printed("sNaN", "1")

    @pytest.mark.parametrize(
        ("value", "reference", "right"),
        [("1.0", 1, True), ("true", 1, True), ('{"$t": [1]}', [1], False), ("[1, 2]", [1, 2], True), ("x", 1, False)],
    )
    def test_returned(self, value, reference, right):
        assert returned_right(value, reference, size_hint=10) is right

    @pytest.mark.parametrize(
        ("items", "shape", "reference", "said"),
        [
            ("[5]", (1,), [5], True),
            ("[5]", (1,), 5, True),
            ("[5]", (1, 1), [[4]], False),
            ("[5]", (), 5, True),
            ("[1, 2]", (2,), [1, 2], "more than one element is ambiguous"),
            ("[1, 2]", (2,), 7, "more than one element is ambiguous"),
            ("[]", (0,), [], "empty array is ambiguous"),
            ("[1]", (1,), [], "empty array is ambiguous"),
            ("[1, 2]", (2,), [1, 2, 3], r"shapes \(2,\) \(3,\) "),
            ("[1, 2]", (1, 2), [1, 2, 3], r"shapes \(1,2\) \(3,\) "),
        ],
    )
    def test_arrays_as_numpy_compares_them(self, items, shape, reference, said):
        if isinstance(said, bool):
            assert returned_right(items, reference, size_hint=10, shape=shape) is said
            return
        with pytest.raises(OfficialComparisonError, match=said):
            returned_right(items, reference, size_hint=10, shape=shape)

    @given(st.text(max_size=20), st.text(max_size=20))
    def test_any_text_can_be_compared(self, output, expected):
        with suppress(OfficialComparisonError):
            compare_printed(output, expected)
        assert compare_printed(expected, expected) == ""

    def test_truncated(self):
        assert truncated("x" * 300) == "x" * 300
        assert truncated("a" * 151 + "b" * 150) == "a" * 150 + "...(truncated) ..." + "b" * 150


class TestResults:
    def test_all_right(self):
        graded = grade([ran(0, "1\n"), ran(1, "2\n"), DONE], ["1", "2"])
        assert (graded.results, graded.metadata, graded.passed) == ((True, True), {"execution time": 1.0}, True)

    def test_a_wrong_answer_ends_it_whatever_follows(self):
        for rest in ([ran(1, "2"), DONE], [raised(1, "ValueError()")], []):
            graded = grade([ran(0, "7\n"), *rest], ["1", "2"])
            assert graded.results == (-2,)
            assert graded.metadata == {
                "output": "7\n",
                "inputs": "in0",
                "expected": "1",
                "error_code": -2,
                "error_message": "Wrong answer at output_line_idx=0: 7 != 1",
            }

    def test_an_output_too_long_to_keep_is_wrong(self):
        record = ran(0, "")
        del record["output"]
        graded = grade([record | {"cut": ["a" * 1000, "b" * 1000]}], ["1"])
        assert graded.results == (-2,)
        assert graded.metadata["output"] == "a" * 150 + "...(truncated) ..." + "b" * 150

    def test_an_exception(self):
        graded = grade([ran(0, "1"), raised(1, "KeyError('k')")], ["1", "2"])
        assert graded.results == (True, -4)
        assert graded.metadata == {
            "error": "KeyError('k')",
            "error_code": -4,
            "error_message": "Runtime Error",
            "inputs": "in1",
            "expected": "2",
        }

    def test_the_alarms_exception_by_its_name(self):
        graded = grade([raised(0, "MyTimeoutException()")], ["1"])
        assert (graded.results, graded.slow) == ((-3,), True)
        assert graded.metadata["error_message"] == "Time Limit Exceeded"

    def test_an_exception_outside_a_test_forgets_what_was_passed(self):
        graded = grade(
            [ran(0, "1"), {"kind": "failed", "message": "Error during testing: x", "error": "E"}], ["1", "2"]
        )
        assert graded.results == (-4,)
        assert graded.metadata == {"error_code": -4, "error_message": "Error during testing: x"}

    @pytest.mark.parametrize(("error", "uncompiled"), [("SyntaxError", True), ("NameError", False)])
    def test_a_program_that_does_not_compile(self, error, uncompiled):
        graded = grade([{"kind": "started"}, {"kind": "failed", "message": "m", "error": error}], ["1"], start=False)
        assert graded.uncompiled is uncompiled

    @pytest.mark.parametrize(("outcome", "slow"), [(Outcome.SIGNAL, False), (Outcome.CPU_LIMIT, True)])
    def test_a_process_that_dies(self, outcome, slow):
        graded = grade([ran(0, "1")], ["1", "2"], outcome=outcome)
        assert (graded.results, graded.slow, len(graded.tests)) == ((-2,), slow, 1)
        assert graded.metadata == {
            "error": "IndexError('list index out of range')",
            "error_code": -5,
            "error_message": "TestRunnerError",
        }

    def test_done_without_all_tests_is_a_lie(self):
        assert not grade([ran(0, "1"), DONE], ["1", "2"]).passed

    def test_a_harness_that_did_not_start_is_a_bug_of_ours(self):
        with pytest.raises(RuntimeError, match="did not start"):
            grade([], ["1"], start=False)

    def test_a_signalling_nan_fails_the_whole(self):
        graded = grade([ran(0, "1"), ran(1, "sNaN"), DONE], ["1", "2"])
        assert graded.results == (-4,)
        assert graded.metadata["error_message"] == "Error during testing: [<class 'decimal.InvalidOperation'>]"


class TestFunctional:
    def test_a_wrong_value_is_false(self):
        graded = grade([returned(0, 1), returned(1, 5), DONE], ["1", "2"], functional=True)
        assert graded.results == (True, False)
        assert graded.metadata == {
            "output": "5",
            "inputs": "[1]",
            "expected": "2",
            "error_code": -2,
            "error_message": "Wrong Answer",
        }

    def test_a_reference_that_is_no_json_fails_the_whole_after_the_inputs_are_parsed(self):
        graded = grade([returned(0, 1), DONE], ["1", "x"], functional=True)
        assert graded.results == (-4,)
        assert graded.metadata["error_message"] == "Error during testing: Expecting value: line 1 column 1 (char 0)"
        failed = {"kind": "failed", "message": "Error during testing: first", "error": "E"}
        graded = grade([{"kind": "started"}, failed], ["x"], functional=True, start=False)
        assert graded.metadata["error_message"] == "Error during testing: first"

    def test_a_wrong_value_that_cannot_be_shown(self):
        record = ran(0, "5", shown_error="ValueError('no')")
        graded = grade([record, DONE], ["1"], functional=True)
        assert graded.results == (False, -4)
        assert graded.metadata["error"] == "ValueError('no')"
        assert grade([ran(0, "1", shown_error="ValueError('no')"), DONE], ["1"], functional=True).passed

    def test_an_array_that_cannot_be_compared(self):
        graded = grade([returned(0, [1, 2], shape=[2])], ["[1, 2]"], functional=True)
        assert graded.results == (-4,)
        assert graded.metadata["error"].startswith("ValueError('The truth value of an array")

    def test_expected_values_are_shown_as_python_shows_them(self):
        graded = grade([returned(0, 1)], ['[true, null, "a"]'], functional=True)
        assert graded.metadata["expected"] == "[True, None, 'a']"


LATE = {"wall": 7.0, "cpu": 7.0}
LATE_USAGE = Usage(cpu_s=7.1, wall_s=7.2)


class TestTime:
    def test_right_but_past_the_alarm_is_a_cheat(self):
        graded = grade([ran(0, "1", **LATE), DONE], ["1"], usage=LATE_USAGE)
        assert (graded.results, graded.cheats, graded.slow) == ((-3,), ("time",), True)

    def test_wrong_and_past_the_alarm_is_only_wrong(self):
        graded = grade([ran(0, "2", **LATE), DONE], ["1"], usage=LATE_USAGE)
        assert (graded.results, graded.cheats) == ((-2,), ())

    def test_an_alarm_that_was_swallowed(self):
        graded = grade([ran(0, "1", raised=1), DONE], ["1"])
        assert (graded.results, graded.cheats) == ((-3,), ("time",))

    def test_a_machine_that_let_it_wait_does_not_make_it_slow(self):
        waited = Usage(cpu_s=3.1, wall_s=7.2, wait_s=4.0)
        record = ran(0, "1", wall=7.0, cpu=3.0, extended=1)
        assert grade([record, DONE], ["1"], usage=waited).passed

    def test_a_program_that_slept_is_slow_though_the_alarm_was_put_off(self):
        record = ran(0, "1", wall=7.0, cpu=3.0, extended=1)
        graded = grade([record, DONE], ["1"], usage=Usage(cpu_s=3.1, wall_s=7.2))
        assert (graded.results, graded.cheats) == ((-3,), ())

    @pytest.mark.parametrize("usage", [Usage(cpu_s=1.0, wall_s=5.0), Usage(cpu_s=5.0, wall_s=5.0, wait_s=4.0)])
    def test_time_that_no_test_accounts_for_is_hidden(self, usage):
        graded = grade([ran(0, "1"), DONE], ["1"], usage=usage)
        assert (graded.results, graded.cheats) == ((-3,), ("time",))


class TestCheats:
    def test_an_answer_with_the_mark(self):
        assert grade([ran(0, f"{MARK}\n"), DONE], ["1"]).cheats == ("answer",)
        assert grade([returned(0, [int(MARK)])], ["1"], functional=True).cheats == ("answer",)

    def test_what_the_harness_saw(self):
        traces = [{"kind": "cheat", "what": what} for what in ("grader", "results")]
        assert grade([*traces, ran(0, "2")], ["1"], suspicious=True).cheats == ("grader", "results", "frames")

    def test_a_program_that_is_right_is_no_cheat(self):
        trace = {"kind": "cheat", "what": "grader"}
        assert grade([trace, ran(0, "1"), DONE], ["1"], suspicious=True).cheats == ()
