"""Whether a value is what a type hint says: the check on all that comes from outside. Knows the hints that travel."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, Union, get_args, get_origin


def fits(value: object, hint: Any) -> bool:  # noqa: ANN401 - hints have no type
    """Whether it does. Unlike for isinstance, a bool is no number, and an int is good where a float is wanted.

    Raises TypeError for a hint that is not known here: whoever registers a type finds out at once.
    """
    if hint is None or hint is type(None):
        return value is None
    if hint in (Any, object) or isinstance(hint, TypeVar):
        return True
    if hint in (int, float):
        return isinstance(value, int if hint is int else (int, float)) and not isinstance(value, bool)
    arguments, origin = get_args(hint), get_origin(hint)
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in arguments)
    if origin is None:
        return _is_a(value, hint)
    return _is_a(value, origin) and _parts_fit(value, origin, arguments)


def _is_a(value: object, kind: Any) -> bool:  # noqa: ANN401 - see above
    if kind is Callable:
        return callable(value)
    if not isinstance(kind, type):
        raise TypeError(f"hint {kind!r} cannot be checked")
    return isinstance(value, kind)


def _parts_fit(value: Any, origin: Any, arguments: tuple[Any, ...]) -> bool:  # noqa: ANN401 - see above
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return all(fits(one, arguments[0]) for one in value)
        return len(value) == len(arguments) and all(map(fits, value, arguments))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return all(fits(key, arguments[0]) and fits(one, arguments[1]) for key, one in value.items())
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return all(fits(one, arguments[0]) for one in value)
    return True  # a generic dataclass: its own fields were checked when it was made
