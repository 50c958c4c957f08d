"""The column of hidden tests: both encodings are read, and nothing in it is ever run."""

from __future__ import annotations

import base64
import contextlib
import copyreg
import json
import pickle  # noqa: TID251 - makes hostile payloads; nothing is unpickled
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.dataset import private_tests
from livecodebench.dataset.private_tests import decode_private_tests
from livecodebench.errors import DatasetError
from livecodebench.problem import TestCase

TESTS = [{"input": "1\n", "output": "2", "testtype": "stdin", "more": 1}]
PLACE = "problems.jsonl:7"


def packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


def decode(column: str) -> tuple[TestCase, ...]:
    return decode_private_tests(column, place=PLACE)


def text_strategy():
    return st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.lists(st.tuples(text_strategy(), text_strategy())),
    st.sampled_from([None, *range(pickle.HIGHEST_PROTOCOL + 1)]),
)
def test_both_encodings_round_trip(tests, protocol):
    text = json.dumps([{"input": put, "output": out, "testtype": "functional"} for put, out in tests])
    column = text if protocol is None else packed(pickle.dumps(text, protocol))
    assert decode(column) == tuple(TestCase(put, out) for put, out in tests)


@pytest.mark.parametrize("size", [10, 1000, 100_000])
def test_every_length_of_string(size):
    tests = [{"input": "é" * size, "output": "", "testtype": "stdin"}]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        column = packed(pickle.dumps(json.dumps(tests, ensure_ascii=False), protocol))
        assert decode(column)[0].input == "é" * size


class Call:
    """Pickles as a call."""

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


# What loading a payload must never do: write the file that CANARY names.
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_call_is_refused_and_its_class_named(tmp_path, protocol):
    canary = tmp_path / "canary"
    payload = packed(pickle.dumps(Call(open, str(canary), "w"), protocol))
    with pytest.raises(DatasetError, match=r"problems\.jsonl:7: private_test_cases: refused: .* the class _?io\.open,"):
        decode(payload)
    assert not canary.exists()


@pytest.mark.parametrize(
    ("payload", "what"),
    [
        (b"cos\nsystem\n(S'true'\ntR.", "the class os.system"),
        (b"(S'true'\nios\nsystem\n.", "the class os.system"),
        (b"ios\nsystem\n.", "the class os.system"),
        (b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x8c\x04true\x85R.", "the class os.system"),
        (b"\x80\x02Pid\n.", "a persistent object"),
        (b"\x80\x02X\x01\x00\x00\x00xQ.", "a persistent object"),
        (b"\x80\x02X\x01\x00\x00\x00x}b.", "EMPTY_DICT"),
        (b"\x80\x02X\x01\x00\x00\x00xb.", "BUILD"),
        (b"\x80\x02X\x01\x00\x00\x00x)R.", "EMPTY_TUPLE"),
        (b"\x80\x02X\x01\x00\x00\x00xR.", "REDUCE"),
        (b"\x80\x02X\x01\x00\x00\x00x)\x81.", "EMPTY_TUPLE"),
        (b"\x80\x02X\x01\x00\x00\x00xq\x00h\x00.", "BINGET"),
        (b"\x80\x02(" + b"X\x01\x00\x00\x00x" * 3 + b"l.", "MARK"),
        (b"\x80\x02X\x02\x00\x00\x00[]X\x02\x00\x00\x00[].", "2 strings"),
        (b"\x80\x04" + b"\x94" * 1000 + b"X\x02\x00\x00\x00[].", "a long list of opcodes"),
        (b"\x80\x04.", "0 strings"),
        (pickle.dumps([]), "EMPTY_LIST"),
        (pickle.dumps(b"[]"), "BINBYTES"),
        (pickle.dumps(None), "NONE"),
        (b"\x80\x05\x96\x02\x00\x00\x00\x00\x00\x00\x00[].", "BYTEARRAY8"),
        (b"\x80\x05\x97.", "NEXT_BUFFER"),
    ],
)
def test_only_one_string_is_accepted(payload, what):
    with pytest.raises(DatasetError, match=r"problems\.jsonl:7: private_test_cases: refused: the pickle") as caught:
        decode(packed(payload))
    assert what in str(caught.value)
    assert "write the tests as a plain JSON list" in str(caught.value)


@pytest.mark.parametrize(
    "payload", [b"\x80\x02\x82\xf0)R.", b"\x80\x02\x83\xf0\x00)R.", b"\x80\x02\x84\xf0\x00\x00\x00)R."]
)
def test_registered_extensions_are_refused_although_no_class_is_asked_for(payload):
    """An Unpickler takes these from copyreg's cache, past find_class."""
    calls: list[int] = []

    def called() -> str:
        calls.append(1)
        return "[]"

    copyreg.add_extension("test", "called", 240)
    copyreg._extension_cache[240] = called  # type: ignore[attr-defined]
    try:
        assert pickle.loads(payload) == "[]"
        assert calls == [1]
        with pytest.raises(DatasetError, match="the class with the extension code 240,"):
            decode(packed(payload))
    finally:
        copyreg._extension_cache.pop(240, None)  # type: ignore[attr-defined]
        copyreg.remove_extension("test", "called", 240)
    assert calls == [1]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x80",
        b"\x80\x04",
        b"\xff\xff",
        b"X\x01\x00\x00\x00x",  # no end
        b"X\xff\xff\xff\x7fabc.",  # claims 2 GiB
        b"\x8d" + b"\xff" * 8 + b"abc.",  # claims 16 EiB
        b"X\x01\x00\x00\x00\xff.",  # not UTF-8
        b"r\xff\xff\xff\xff.",  # a memo slot for 32 GiB of pointers
    ],
)
def test_damaged_pickles(payload):
    with pytest.raises(DatasetError, match=r"problems\.jsonl:7: private_test_cases"):
        decode(packed(payload))


def test_a_huge_memo_index_costs_nothing():
    assert decode(packed(b"X\x02\x00\x00\x00[]r\xff\xff\xff\x7f.")) == ()


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("", r"is empty; write \[\] for no private tests"),
        ("{}", r"neither a JSON list .* write \[\] for no private tests"),
        ("é", "neither a JSON list"),
        (base64.b64encode(b"not zlib").decode(), "nor base64 of zlib data"),
        (base64.b64encode(zlib.compress(b"x" * 1000)[:-2]).decode(), "end too early"),
        ("[", "not usable JSON"),
        ("[" * 100_000, "not usable JSON"),
        ("[1]", r"private_test_cases\[0\]: an object with"),
    ],
)
def test_damaged_columns(column, message):
    with pytest.raises(DatasetError, match=message) as caught:
        decode(column)
    assert str(caught.value).startswith("problems.jsonl:7: private_test_cases")


def test_a_decompression_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(private_tests, "MAX_UNPACKED", 10_000)
    assert decode(packed(pickle.dumps(json.dumps(TESTS) + " " * 9000))) == (TestCase("1\n", "2"),)
    with pytest.raises(DatasetError, match="unpacks to more than 10000 bytes"):
        decode(packed(b"\0" * 10_001))


def test_a_hostile_name_reaches_no_terminal():
    with pytest.raises(DatasetError) as caught:
        decode(packed(b"c\x1b[2J" + b"x" * 5000 + b"\nsystem\n."))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


@given(st.binary(max_size=200))
def test_any_bytes_give_tests_or_a_dataset_error(payload):
    for column in (packed(payload), packed(b"\x80\x04" + payload), payload.decode("latin-1")):
        with contextlib.suppress(DatasetError):
            assert isinstance(decode(column), tuple)


def test_the_unpickler_is_not_even_loaded(monkeypatch):
    monkeypatch.setattr(pickle, "Unpickler", None)
    monkeypatch.setattr(pickle, "loads", None)
    assert decode(packed(b"X\x02\x00\x00\x00[].")) == ()
    assert "pickle" not in vars(sys.modules["livecodebench.dataset.private_tests"])
