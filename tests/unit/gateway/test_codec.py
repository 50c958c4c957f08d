"""What travels comes back the same; what is not registered, or not built as frames are, is refused by name."""

from __future__ import annotations

import json
import math
import pickle  # noqa: TID251 - a codec is sent to an actor; nothing from outside is unpickled
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcb_ray.gateway import codec as codec_module
from lcb_ray.gateway.codec import Codec, CodecError, name_of


class Colour(StrEnum):
    RED = "red"


class Number(Enum):
    ONE = 1


@dataclass(frozen=True)
class Leaf:
    number: int
    ratio: float
    text: str | None
    data: bytes
    colour: Colour = Colour.RED


@dataclass(frozen=True)
class Tree:
    leaves: tuple[Leaf, ...]
    extra: Mapping[str, Any]
    act: Callable[..., Any] | None = None

    def __post_init__(self):
        if self.extra == {"bad": True}:
            raise ValueError("of its own accord")


@dataclass(frozen=True)
class Stranger:
    number: int


def double(number):
    return 2 * number


def _unregistered(number):
    return number


class OurError(Exception):
    pass


CODEC = Codec(types=[Colour, Number, Leaf, Tree], functions=[double], errors=[OurError])

text = st.text(st.characters(exclude_categories=()), max_size=40)
leaves = st.builds(
    Leaf,
    number=st.integers(-(2**200), 2**200),
    ratio=st.floats(allow_nan=False),
    text=st.none() | text,
    data=st.binary(max_size=40),
    colour=st.sampled_from(Colour),
)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | text
    | st.binary(max_size=30)
    | leaves
    | st.sampled_from([Colour.RED, Number.ONE, double]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(text | st.integers() | st.tuples(text), inner, max_size=4)
        | st.builds(
            Tree, leaves=st.lists(leaves, max_size=3).map(tuple), extra=st.dictionaries(text, inner, max_size=3)
        )
    ),
    max_leaves=20,
)


@given(values)
def test_what_goes_in_comes_out(value):
    again = CODEC.decode(CODEC.encode(value), object)
    assert again == value
    assert type(again) is type(value)


@given(values)
def test_also_through_a_codec_that_was_sent_and_one_that_was_joined(value):
    sent = pickle.loads(pickle.dumps(Codec().joined(CODEC)))
    assert sent.decode(CODEC.encode(value), object) == value


@pytest.mark.parametrize("value", [math.inf, -math.inf, 1e-320, -0.0, "\ud800\udc00", "\udcff", "x" * 5000, "é" * 3000])
def test_values_that_json_has_trouble_with(value):
    assert repr(CODEC.decode(CODEC.encode(value), object)) == repr(value)


def test_nan():
    assert math.isnan(CODEC.decode(CODEC.encode(math.nan), float))


def test_a_partial_of_a_registered_function():
    again = CODEC.decode(CODEC.encode(partial(double, 3)), object)
    assert again() == 6
    assert CODEC.decode(CODEC.encode(partial(double, number=4)), object)() == 8


@pytest.mark.parametrize(
    "value",
    [
        Stranger(1),
        _unregistered,
        partial(_unregistered, 1),
        lambda: 1,
        object(),
        {1},
        bytearray(b"x"),
        Exception(),
        int,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_registered_does_not_travel(value):
    with pytest.raises(CodecError, match="not registered"):
        CODEC.encode([value])


def test_a_subclass_is_not_what_is_registered():
    class Special(Leaf):
        pass

    with pytest.raises(CodecError, match="not registered"):
        CODEC.encode(Special(1, 1.0, None, b""))


def test_numbers_and_depths_without_end_do_not_travel():
    deep: list = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(CodecError, match="deep"):
        CODEC.encode(deep)
    with pytest.raises(CodecError, match="cannot travel"):
        CODEC.encode(10**10_000)


def test_only_what_is_neither_dataclass_nor_enumeration_is_a_bug_of_ours():
    with pytest.raises(TypeError, match="neither"):
        Codec(types=[OurError])


def frame(value, *parts, lengths=None):
    text = json.dumps([lengths if lengths is not None else [len(part) for part in parts], value]).encode()
    return struct.pack(">I", len(text)) + text + b"".join(parts)


LEAF = name_of(Leaf)


@pytest.mark.parametrize(
    ("hostile", "words"),
    [
        (b"", "too short"),
        (b"\xff\xff\xff\xff", "announces"),
        (struct.pack(">I", 3) + b"[[}", "cannot be read"),
        (struct.pack(">I", 40_000) + b"[" * 40_000, "cannot be read"),
        (struct.pack(">I", 2) + b"{}", "not built"),
        (frame(1, lengths=[5]), "do not add up"),
        (frame(1, b"x", lengths=[]), "do not add up"),
        (frame(1, lengths=[-1, 1]), "no lengths"),
        (frame(1, lengths=[True]), "no lengths"),
        (frame(1, lengths="ab"), "not built"),
        (frame({"b": 0}), "does not have"),
        (frame({"b": -1}, b"x"), "does not have"),
        (frame({"b": True}, b"x", b"y"), "does not have"),
        (frame({"s": 0}, b"\xff"), "not UTF-8"),
        (frame({}), "one tag"),
        (frame({"t": [], "d": []}), "one tag"),
        (frame({"__reduce__": []}), "unknown tag"),
        (frame({"t": 1}), "not built"),
        (frame({"d": [[1]]}), "not built"),
        (frame({"d": [[[], 1]]}), "cannot be one"),
        (frame({"e": [name_of(Colour), "BLUE"]}), "is no Colour"),
        (frame({"e": [name_of(Colour), "__class__"]}), "is no Colour"),
        (frame({"e": [name_of(Stranger), "x"]}), "not registered"),
        (frame({"f": "os.system"}), "not registered"),
        (frame({"f": ["os", "system"]}), "not registered"),
        (frame({"o": ["subprocess.Popen", ["true"]]}), "not registered"),
        (frame({"o": []}), "not registered"),
        (frame({"o": [LEAF, 1]}), "5 fields"),
        (frame({"o": [LEAF, "1", 1.0, None, {"b": 0}, {"e": [name_of(Colour), "RED"]}]}, b""), "number cannot be"),
        (frame({"o": [LEAF, True, 1.0, None, {"b": 0}, {"e": [name_of(Colour), "RED"]}]}, b""), "number cannot be"),
        (frame({"o": [LEAF, 1, 1.0, None, {"b": 0}, "red"]}, b""), "colour cannot be"),
        (frame({"o": [name_of(Tree), {"t": [1]}, {"d": []}, None]}), "leaves cannot be"),
        (frame({"o": [name_of(Tree), {"t": []}, {"d": [["bad", True]]}, None]}), "of its own accord"),
        (frame({"o": [name_of(Tree), {"t": []}, {"d": []}, 5]}), "act cannot be"),
        (frame({"p": ["os.system", [], {"d": []}]}), "no registered function"),
        (frame({"p": [{"f": "os.system"}, [], {"d": []}]}), "not registered"),
        (frame({"p": [{"f": name_of(double)}, [], []]}), "no names"),
        (frame({"p": [{"f": name_of(double)}, {"d": []}, {"d": []}]}), "not built"),
        (frame([[]] * 10), "more than 5 values"),
    ],
)
def test_hostile_frames_are_refused(hostile, words, monkeypatch):
    if "values" in words:
        monkeypatch.setattr(codec_module, "MAX_VALUES", 5)
    with pytest.raises(CodecError, match=words):
        CODEC.decode(hostile, object)


def test_a_frame_of_another_kind_is_refused():
    with pytest.raises(CodecError, match="not Tree"):
        CODEC.decode(CODEC.encode(1), Tree)


def test_a_nest_without_end_is_refused():
    nest: Any = 1
    for _ in range(200):
        nest = {"t": [nest]}
    with pytest.raises(CodecError, match="deep"):
        CODEC.decode(frame(nest), object)


@given(st.binary(max_size=200), st.data())
def test_noise_is_read_or_refused(noise, data):
    whole = CODEC.encode(data.draw(values))
    place = data.draw(st.integers(0, len(whole)))
    for hostile in (noise, whole[:place] + noise + whole[place:], whole[:place] + noise + whole[place + len(noise) :]):
        with suppress(CodecError):  # and nothing else
            CODEC.decode(hostile, object)


def test_errors_travel_by_name_and_words():
    assert CODEC.error_name(OurError("x")) == name_of(OurError)
    again = CODEC.error(name_of(OurError), "x")
    assert (type(again), str(again)) == (OurError, "x")
    assert CODEC.error_name(SystemExit()) == ""
    assert CODEC.error("builtins.SystemExit", "x") is None
