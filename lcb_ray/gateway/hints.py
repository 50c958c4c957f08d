"""Whether a value is what a type hint says: the check on all that comes from outside. Knows the hints that travel.

A hint becomes a function once, since many values are checked against few hints.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin

Check = Callable[[Any], bool]


def fits(value: object, hint: Any) -> bool:  # noqa: ANN401 - hints have no type
    """Whether it does; see `check_of`."""
    return check_of(hint)(value)


@cache
def check_of(hint: Any) -> Check:  # noqa: ANN401 - see above
    """What says whether a value fits. Unlike for isinstance, a bool is no number, and an int is good for a float.

    Raises TypeError for a hint that is not known here: whoever registers a type finds out at once.
    """
    if hint is None or hint is type(None):
        return lambda value: value is None
    if hint in (Any, object) or isinstance(hint, TypeVar):
        return lambda value: True
    if hint is int:
        return lambda value: isinstance(value, int) and not isinstance(value, bool)
    if hint is float:
        return lambda value: isinstance(value, (int, float)) and not isinstance(value, bool)
    arguments, origin = get_args(hint), get_origin(hint)
    if origin in (Union, types.UnionType):
        checks = tuple(map(check_of, arguments))
        return lambda value: any(check(value) for check in checks)
    if origin is None:
        return _is_a(hint)
    whole, parts = _is_a(origin), _parts_fit(origin, arguments)
    return whole if parts is None else lambda value: whole(value) and parts(value)


def _is_a(kind: Any) -> Check:  # noqa: ANN401 - see above
    if kind is Callable:
        return callable
    if not isinstance(kind, type):
        raise TypeError(f"hint {kind!r} cannot be checked")
    return lambda value: isinstance(value, kind)


def _parts_fit(origin: Any, arguments: tuple[Any, ...]) -> Check | None:  # noqa: ANN401 - see above
    """What says whether the parts of a whole fit; None where those need no check."""
    if origin is tuple and not (len(arguments) == 2 and arguments[1] is Ellipsis):
        checks = tuple(map(check_of, arguments))
        return lambda value: (
            len(value) == len(checks) and all(check(one) for check, one in zip(checks, value, strict=True))
        )
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, content = map(check_of, arguments)
        return lambda value: all(key(name) and content(one) for name, one in value.items())
    if isinstance(origin, type) and issubclass(origin, Sequence):
        part = check_of(arguments[0])
        return lambda value: all(map(part, value))
    return None  # a generic dataclass: its own fields were checked when it was made
