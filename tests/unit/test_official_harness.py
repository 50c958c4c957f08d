"""The harness' parts as far as they can run outside of a jail, and the one program that they make."""

import ast
import builtins
import io
import re
import sys
from collections import Counter, OrderedDict, UserList, defaultdict, deque, namedtuple
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

import pytest

from livecodebench.judging.call_value import decode_value
from livecodebench.judging.official.bundle import harness
from livecodebench.judging.official.harness.records import ENCODE, truncatefn
from livecodebench.judging.official.harness.source import clean_if_name, import_string, make_function
from livecodebench.judging.official.harness.streams import BUFFER, TEXT, Capturing, MockStdinWithBuffer, call_method
from livecodebench.judging.official.harness.values import Encoder
from livecodebench.judging.official.task import Stdin

MARK = "123456789012345"


class TestBundle:
    tree = ast.parse(harness())

    def test_it_imports_the_standard_library_only_and_nothing_from_the_future(self):
        imported = {
            name
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        }
        assert "__future__" not in imported
        assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names

    def test_no_name_is_defined_twice(self):
        names = Counter(node.name for node in self.tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef))
        assert names.most_common(1)[0][1] == 1

    def test_it_does_not_make_agents_import_numpy(self):
        assert b"numpy" not in harness()

    def test_a_syntax_error_is_reported_with_the_official_line_number(self):
        """Thirty-five lines stand in front of every program, and two empty ones."""
        assert import_string.count("\n") == 35
        with pytest.raises(SyntaxError, match=re.escape("(<string>, line 38)")):
            compile(f"{import_string}\n\nprint(", "<string>", "exec")


class TestSource:
    @pytest.mark.parametrize("test", ['__name__ == "__main__"', "(__name__=='__main__')"])
    def test_a_closing_main_guard_is_opened(self, test):
        assert clean_if_name(f"def f():\n    pass\nif {test}:\n    f()") == "def f():\n    pass\nf()"

    @pytest.mark.parametrize(
        "code",
        [
            'if __name__ == "__main__":\n    f()\nx = 1',
            "if True:\n    f()",
            "f(",
            "",
            'if "__main__" == __name__:\n    f()',
        ],
    )
    def test_anything_else_stays_as_it_is(self, code):
        assert clean_if_name(code) == code

    def test_all_but_imports_becomes_a_function(self):
        made = make_function("import os\nx = 1\nfrom sys import *\nprint(x)").removeprefix(import_string)
        assert made == "\nimport os\nfrom sys import *\ndef wrapped_function():\n    x = 1\n    print(x)"

    def test_what_is_no_python_is_left_alone(self):
        assert make_function("print(") == "print("

    def test_an_empty_program_is_no_function(self):
        with pytest.raises(SyntaxError, match="expected an indented block"):
            compile(make_function(""), "<string>", "exec")


class TestStreams:
    def test_standard_input_since_may_2025(self):
        stdin = MockStdinWithBuffer("1\n2\n")
        assert stdin.readline() == "1\n"
        assert (stdin.read(), stdin.read()) == ("1\n2\n", "1\n2\n")
        assert stdin.readlines() == ["1", "2", ""]
        assert (stdin.buffer.readline(), stdin.buffer.readline()) == (b"1\n", b"1\n")
        assert stdin.buffer.read() == b"1\n2\n"
        assert not stdin.isatty()
        with pytest.raises(TypeError, match="'MockStdinWithBuffer' object is not iterable"):
            iter(stdin)
        with pytest.raises(AttributeError, match="'MockBuffer' object has no attribute 'readlines'"):
            stdin.buffer.readlines()

    def test_the_kinds_have_the_names_that_a_task_gives_them(self):
        assert tuple(Stdin) == (BUFFER, TEXT)

    @pytest.fixture
    def real(self, monkeypatch):
        class Real(io.StringIO):
            """Takes attributes, as standard input does."""

        stream = Real("the real one\n")
        monkeypatch.setattr(sys, "stdin", stream)
        return stream

    @pytest.mark.parametrize("kind", [BUFFER, TEXT])
    def test_a_program_reads_its_input_and_all_is_as_before(self, real, kind):
        opened, seen = builtins.open, []

        def program():
            seen.extend([input(), sys.stdin.read(), real.readline(), real.read(), real.readlines()])
            seen.append(builtins.open("any").read())  # noqa: PTH123, SIM115 - the mock
            sys.exit(3)

        assert call_method(program, "1\n2", kind) is None
        rest = "1\n2" if kind == BUFFER else "2"
        assert seen == ["1", rest, "1", "1\n2", ["1", "2"], "1\n2"]
        assert (sys.stdin, builtins.open) == (real, opened)
        assert real.read() == "the real one\n"

    def test_an_exception_leaves_all_as_before(self, real):
        with pytest.raises(ZeroDivisionError):
            call_method(lambda: 1 // 0, "", BUFFER)
        assert sys.stdin is real

    def test_capturing(self, capsys):
        with Capturing() as captured:
            sys.stdout.write("inside\n")
            with pytest.raises(TypeError):
                sys.stdout.close()
        sys.stdout.write("outside\n")
        assert captured == ["inside\n"]
        assert capsys.readouterr().out == "outside\n"

    def test_a_closed_output_is_an_error_at_the_end(self):
        with pytest.raises(ValueError, match="closed file"), Capturing():
            io.StringIO.close(sys.stdout)
        sys.stdout = sys.__stdout__


Pair = namedtuple("Pair", "one other")


class Level(IntEnum):
    HIGH = 3


class HonestList(list):
    pass


class TestValues:
    @pytest.mark.parametrize(
        ("value", "equals"),
        [
            (None, None),
            (True, True),
            (2.0, 2),
            ("ä\ud800", "ä\ud800"),
            ([1, [2, None], "x"], [1, [2, None], "x"]),
            ({"a": [1]}, {"a": [1]}),
            (OrderedDict(a=1), {"a": 1}),
            (defaultdict(int, a=1), {"a": 1}),
            (Counter("aab"), {"a": 2, "b": 1}),
            (Fraction(4, 2), 2),
            (Decimal("0.5"), 0.5),
            (complex(2, 0), 2),
            (Level.HIGH, 3),
            (HonestList([1, 2]), [1, 2]),
            (UserList([1, 2]), [1, 2]),
        ],
    )
    def test_a_value_equals_what_it_equals_in_python(self, value, equals):
        encoder = Encoder(MARK)
        text = ENCODE(encoder.encode(value))
        assert value == equals
        assert decode_value(text, size_hint=10_000) == equals
        assert not encoder.lied

    @pytest.mark.parametrize(
        "value", [{1}, range(2), deque([1]), object(), b"x", complex(1, 1), Decimal("1"), (1,), [(1,)]]
    )
    def test_what_equals_no_json_value(self, value):
        encoder = Encoder(MARK)
        found = decode_value(ENCODE(encoder.encode(value)), size_hint=10_000)
        for candidate in ([1], [0, 1], [[1]], {"1": 1}, "x"):
            assert (found == candidate) is (value == candidate)
        assert not encoder.lied

    def test_a_named_tuple_below_the_top_is_no_list(self):
        found = decode_value(ENCODE(Encoder(MARK).encode([Pair(1, 2)])), size_hint=100)
        assert found == [(1, 2)] != [[1, 2]]

    @pytest.mark.parametrize("base", [object, int, str, list, dict])
    @pytest.mark.parametrize("nested", [False, True])
    def test_an_object_that_equals_everything_lies(self, base, nested):
        liar = type("Liar", (base,), {"__eq__": lambda self, other: True, "__hash__": lambda self: 1})()
        encoder = Encoder(MARK)
        ENCODE(encoder.encode([1, [liar]] if nested else liar))
        assert encoder.lied

    def test_an_object_that_equals_lists_only_lies(self):
        liar = type("Liar", (), {"__eq__": lambda self, other: isinstance(other, list), "__hash__": None})()
        encoder = Encoder(MARK)
        encoder.encode(liar)
        assert encoder.lied

    def test_an_object_that_cannot_be_compared_does_not_lie(self):
        shy = type("Shy", (), {"__eq__": lambda self, other: 1 // 0, "__hash__": None})()
        encoder = Encoder(MARK)
        assert encoder.encode(shy) == {"$r": "Shy"}
        assert not encoder.lied

    def test_no_more_objects_are_questioned_than_it_takes(self):
        asked = []
        slow = type("Slow", (), {"__eq__": lambda self, other: bool(asked.append(1)), "__hash__": None})
        Encoder(MARK).encode([slow() for _ in range(1000)])
        assert len(asked) <= 200


def test_texts_are_cut_as_in_metadata():
    assert truncatefn([1, 2]) == "[1, 2]"
    assert truncatefn("x" * 301) == "x" * 150 + "...(truncated) ..." + "x" * 150
