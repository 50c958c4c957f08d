"""Values as bytes and back, by a registry: what is not in it does not travel; nothing is ever unpickled or executed.

Primitives, tuples, lists, dicts and bytes travel as they are; dataclasses, enumerations and functions by their names,
each of which has to be registered; partials of such functions with their arguments. A frame is a line of JSON's length,
the JSON, and the long or binary parts one after the other. Frames are hostile: their size, depth and number of values
are bounded, and each field of a dataclass has to be what its type hint says.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import struct
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar, get_type_hints

from lcb_ray.gateway.hints import Check, check_of

MAX_JSON_BYTES = 16 * 1024**2
MAX_DEPTH = 32
MAX_VALUES = 1_000_000
LONG_TEXT = 2_000  # characters above which a text travels beside the JSON

_HEAD = struct.Struct(">I")
_T = TypeVar("_T")


class CodecError(Exception):
    """A value that cannot travel, or a frame that is not allowed. The message says which."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Shape:
    """A dataclass that may travel, with the hints of its fields: whoever has them needs no source."""

    kind: type
    fields: tuple[tuple[str, Any], ...]

    def checks(self) -> tuple[tuple[str, Check], ...]:
        """What says whether a value can be a field, for each."""
        return tuple((field, check_of(hint)) for field, hint in self.fields)


class _Form(NamedTuple):
    """What a frame's object is made to."""

    kind: type
    fields: tuple[tuple[str, Check], ...]


class Codec:
    """Encodes and decodes; the same registry is needed on both sides. Can be sent to another process itself.

    Args:
        types: Dataclasses and enumerations.
        functions: Functions that may be named, alone or in a partial.
        errors: Exception classes that are made again with their message alone.
    """

    def __init__(
        self,
        *,
        types: Iterable[type] = (),
        functions: Iterable[Callable[..., Any]] = (),
        errors: Iterable[type[Exception]] = (),
    ) -> None:
        kinds = tuple(types)
        self._fill(
            {name_of(kind): _shape_of(kind) for kind in kinds if not issubclass(kind, enum.Enum)},
            {name_of(kind): kind for kind in kinds if issubclass(kind, enum.Enum)},
            {name_of(function): function for function in functions},
            {name_of(kind): kind for kind in errors},
        )

    def _fill(
        self,
        shapes: dict[str, _Shape],
        enums: dict[str, type[enum.Enum]],
        functions: dict[str, Callable[..., Any]],
        errors: dict[str, type[Exception]],
    ) -> None:
        self._shapes, self._enums, self._functions, self._errors = shapes, enums, functions, errors
        self._forms = {name: _Form(shape.kind, shape.checks()) for name, shape in shapes.items()}
        self._names: dict[Any, str] = {shape.kind: name for name, shape in shapes.items()}
        for table in (enums, functions, errors):
            self._names |= {thing: name for name, thing in table.items()}

    @classmethod
    def _of(cls, *tables: Any) -> Codec:  # noqa: ANN401 - as _fill takes them
        """A codec with the hints that were found where its parts were made: here their sources may be unknown."""
        made = cls()
        made._fill(*tables)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Codec._of, (self._shapes, self._enums, self._functions, self._errors)

    def joined(self, other: Codec) -> Codec:
        """What either knows."""
        return Codec._of(
            self._shapes | other._shapes,
            self._enums | other._enums,
            self._functions | other._functions,
            self._errors | other._errors,
        )

    def encode(self, value: object) -> bytes:
        """A frame. Raises CodecError for what is not registered, or too large."""
        parts: list[bytes] = []
        try:
            plain = self._plain(value, parts, MAX_DEPTH)
            text = json.dumps([[len(part) for part in parts], plain], separators=(",", ":")).encode()
        except (ValueError, RecursionError) as error:  # an int of more digits than Python writes
            raise CodecError(f"a value cannot travel: {error}") from None
        if len(text) > MAX_JSON_BYTES:
            raise CodecError(f"a value has {len(text)} bytes of structure, more than {MAX_JSON_BYTES}")
        return b"".join((_HEAD.pack(len(text)), text, *parts))

    def decode(self, frame: bytes, kind: type[_T]) -> _T:
        """The value, which is of that kind. Raises CodecError."""
        text, parts = _split(frame)
        value = _Reader(self._forms, self._enums, self._functions, parts).value(text, MAX_DEPTH)
        if not isinstance(value, kind):
            raise CodecError(f"a frame holds {type(value).__name__}, not {kind.__name__}")
        return value

    def error_name(self, error: BaseException) -> str:
        """The name under which an exception travels; empty where its class is not registered."""
        return self._names.get(type(error), "")

    def error(self, name: str, message: str) -> Exception | None:
        """The exception of that name; None where there is none."""
        kind = self._errors.get(name)
        return None if kind is None else kind(message)

    def _plain(self, value: Any, parts: list[bytes], depth: int) -> Any:  # noqa: ANN401 - any value
        kind = type(value)
        if value is None or kind is int or kind is bool or kind is float:
            return value
        if kind is str:
            return _plain_text(value, parts)
        if depth == 0:
            raise CodecError(f"a value is nested more than {MAX_DEPTH} deep")
        if kind is bytes:
            parts.append(value)
            return {"b": len(parts) - 1}
        if kind is list:
            return [self._plain(one, parts, depth - 1) for one in value]
        if kind is tuple:
            return {"t": [self._plain(one, parts, depth - 1) for one in value]}
        if kind is dict:
            return {"d": [[self._plain(side, parts, depth - 1) for side in item] for item in value.items()]}
        if kind is partial:
            return {"p": [self._plain(one, parts, depth - 1) for one in (value.func, list(value.args), value.keywords)]}
        return self._plain_named(value, kind, parts, depth)

    def _plain_named(self, value: Any, kind: type, parts: list[bytes], depth: int) -> Any:  # noqa: ANN401 - any value
        name = self._names.get(kind)
        if name in self._enums:
            return {"e": [name, value.name]}
        if name in self._shapes:
            fields = (getattr(value, field) for field, _ in self._shapes[name].fields)
            return {"o": [name, *(self._plain(one, parts, depth - 1) for one in fields)]}
        function = self._names.get(value) if callable(value) and _hashable(value) else None
        if function in self._functions:
            return {"f": function}
        raise CodecError(f"{name_of(kind)} cannot travel: {repr(value)[:100]} is not registered")


class _Reader:
    """Reads the JSON of one frame."""

    def __init__(
        self,
        forms: dict[str, _Form],
        enums: dict[str, type[enum.Enum]],
        functions: dict[str, Callable[..., Any]],
        parts: list[bytes],
    ) -> None:
        self._forms = forms
        self._enums = enums
        self._functions = functions
        self._parts = parts
        self._left = MAX_VALUES
        self._kinds: dict[str, Callable[[Any, int], Any]] = {
            "b": lambda index, _: self._part(index),
            "s": lambda index, _: _text(self._part(index)),
            "t": lambda items, depth: tuple(self._all(items, depth)),
            "d": self._dict,
            "e": lambda words, _: self._member(words),
            "o": self._object,
            "f": lambda name, _: self._registered(self._functions, name),
            "p": self._partial,
        }

    def value(self, plain: Any, depth: int) -> Any:  # noqa: ANN401 - any value
        self._left -= 1
        if self._left < 0:
            raise CodecError(f"a frame holds more than {MAX_VALUES} values")
        if plain is None or isinstance(plain, (str, bool, int, float)):
            return plain
        if depth == 0:
            raise CodecError(f"a frame is nested more than {MAX_DEPTH} deep")
        if isinstance(plain, list):
            return self._all(plain, depth)
        if len(plain) != 1:
            raise CodecError("a frame holds an object that is not one tag and its value")
        [(tag, content)] = plain.items()
        read = self._kinds.get(tag)
        if read is None:
            raise CodecError(f"a frame holds an unknown tag {tag[:20]!r}")
        return read(content, depth)

    def _all(self, items: object, depth: int) -> list[Any]:
        return [self.value(one, depth - 1) for one in _list(items)]

    def _part(self, index: object) -> bytes:
        if type(index) is not int or not 0 <= index < len(self._parts):
            raise CodecError("a frame names a part that it does not have")
        return self._parts[index]

    def _dict(self, items: object, depth: int) -> dict[Any, Any]:
        try:
            return dict(self._all(_list(item, 2), depth) for item in _list(items))
        except TypeError:
            raise CodecError("a frame holds a dict with a key that cannot be one") from None

    def _member(self, words: object) -> enum.Enum:
        name, member = _list(words, 2)
        kind = self._registered(self._enums, name)
        if not isinstance(member, str) or member not in kind.__members__:
            raise CodecError(f"{str(member)[:50]!r} is no {kind.__name__}")
        return kind[member]

    def _object(self, words: object, depth: int) -> Any:  # noqa: ANN401 - of a registered class
        name, *values = _list(words) or [None]
        form = self._registered(self._forms, name)
        if len(values) != len(form.fields):
            raise CodecError(f"{name} has {len(form.fields)} fields, not {len(values)}")
        made: dict[str, Any] = {}
        for (field, fits), plain in zip(form.fields, values, strict=True):
            made[field] = self.value(plain, depth - 1)
            if not fits(made[field]):
                raise CodecError(f"{name}.{field} cannot be {repr(made[field])[:50]}")
        try:
            return form.kind(**made)
        except Exception as error:  # whatever its own checks raise
            raise CodecError(f"no {name} can be made: {error}") from error

    def _partial(self, words: object, depth: int) -> partial[Any]:
        function, arguments, keywords = (self.value(one, depth - 1) for one in _list(words, 3))
        if function not in self._functions.values():
            raise CodecError("a frame holds a partial of what is no registered function")
        if not isinstance(keywords, dict) or not all(isinstance(name, str) for name in keywords):
            raise CodecError("a frame holds a partial whose keywords are no names")
        return partial(function, *_list(arguments), **keywords)

    def _registered(self, table: dict[str, _T], name: object) -> _T:
        if not isinstance(name, str) or name not in table:
            raise CodecError(f"{str(name)[:100]!r} is not registered")
        return table[name]


def name_of(thing: Any) -> str:  # noqa: ANN401 - a class or function
    """The name by which it is registered."""
    return f"{thing.__module__}.{thing.__qualname__}"


def _shape_of(kind: type) -> _Shape:
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"{name_of(kind)} is neither a dataclass nor an enumeration")
    hints = get_type_hints(kind)
    fields = tuple((field.name, hints[field.name]) for field in dataclasses.fields(kind))
    for _, hint in fields:
        check_of(hint)  # raises for what it does not know
    return _Shape(kind, fields)


def _hashable(value: Any) -> bool:  # noqa: ANN401 - any value
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _plain_text(text: str, parts: list[bytes]) -> str | dict[str, int]:
    """As it is; long, and with surrogates (which JSON may join to other characters), beside the JSON."""
    if len(text) <= LONG_TEXT and (text.isascii() or not any("\ud800" <= one <= "\udfff" for one in text)):
        return text
    parts.append(text.encode("utf-8", "surrogatepass"))
    return {"s": len(parts) - 1}


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise CodecError("a frame holds a text that is not UTF-8") from None


def _list(items: object, length: int | None = None) -> Sequence[Any]:
    if not isinstance(items, list) or (length is not None and len(items) != length):
        raise CodecError("a frame is not built as frames are")
    return items


def _split(frame: bytes) -> tuple[Any, list[bytes]]:
    """The JSON of a frame, read, and its parts."""
    if len(frame) < _HEAD.size:
        raise CodecError("a frame is too short")
    [size] = _HEAD.unpack_from(frame)
    if size > min(MAX_JSON_BYTES, len(frame) - _HEAD.size):
        raise CodecError(f"a frame announces {size} bytes of JSON")
    start = _HEAD.size + size
    try:
        lengths, value = _list(json.loads(frame[_HEAD.size : start]), 2)
    except (ValueError, RecursionError):
        raise CodecError("a frame's JSON cannot be read") from None
    if not all(type(length) is int and length >= 0 for length in _list(lengths)):
        raise CodecError("a frame's parts have no lengths")
    places = [start]
    for length in lengths:
        places.append(places[-1] + length)
    if places[-1] != len(frame):
        raise CodecError("a frame's parts do not add up to its length")
    return value, [frame[begin:end] for begin, end in pairwise(places)]
