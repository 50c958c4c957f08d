"""A returned value as data, in the form that `judging.call_value` reads, and objects that lie about equality."""

from collections.abc import Callable
from typing import Any

_PLAIN = {type(None), bool, int, float, str}
_HONEST: set[object] = {
    kind.__eq__ for kind in (object, int, float, str, list, tuple, dict, set, complex, bytes, range)
}
# In two parts: an agent takes long to make this module ready for a program whose text names it.
_ARRAYS = "num" + "py"
_MOST_QUESTIONED = 20  # objects of one value
_CONTENT: tuple[tuple[type, Callable[[Any], object]], ...] = (
    (int, int.__int__),
    (float, float.__pos__),
    (str, str.__str__),
)


class Encoder:
    """Encodes one returned value.

    Attributes:
        lied: Whether something in it said that it equals what it does not.
    """

    def __init__(self, mark: str) -> None:
        number = int(mark)
        self._probes = (number, number / 7, mark, [number], [[number], mark], {mark: number})
        self._questioned = 0
        self.lied = False

    def encode(self, value: Any) -> object:  # noqa: ANN401 - whatever a candidate returned
        """JSON's types, with tags for what JSON lacks."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is list:
            return value if _PLAIN.issuperset(map(type, value)) else self._items(value)
        if kind is tuple:
            return {"$t": self._items(value)}
        if kind is dict:
            return self._pairs(value)
        if kind.__eq__ not in _HONEST and self._questioned < _MOST_QUESTIONED:
            self._questioned += 1
            self.lied = self.lied or self._lies(value)
        return self._by_content(value)

    def _items(self, values: Any) -> list[object]:  # noqa: ANN401
        return [self.encode(item) for item in values]

    def _pairs(self, value: dict[object, object]) -> object:
        return {"$d": [[self.encode(key), self.encode(item)] for key, item in dict.items(value)]}

    def _by_content(self, value: Any) -> object:  # noqa: ANN401
        """An instance of a subclass is what it holds, whatever it says of itself."""
        for base, read in _CONTENT:
            if isinstance(value, base):
                return read(value)
        if isinstance(value, list):
            return self._items(list.__iter__(value))
        if isinstance(value, tuple):
            return {"$t": self._items(tuple.__iter__(value))}
        if isinstance(value, dict):
            return self._pairs(value)
        module, name = type(value).__module__, type(value).__name__
        if module == _ARRAYS and hasattr(value, "item") and not hasattr(value, "__len__"):
            return self.encode(value.item())
        if (module, name) == ("collections", "UserList"):
            return self.encode(value.data)
        if (module, name) in (("fractions", "Fraction"), ("decimal", "Decimal")):
            numerator, denominator = value.as_integer_ratio()
            return {"$q": [str(numerator), str(denominator)]}
        if type(value) is complex and value.imag == 0:
            return value.real
        return {"$r": name}

    def _lies(self, value: object) -> bool:
        """Whether it says that it equals random values of a kind that a test could expect."""
        for probe in self._probes:
            try:
                if value == probe:
                    return True
            except Exception:
                continue
        return False


def is_array(value: object) -> bool:
    """Whether it is an array, which compares item by item."""
    return type(value).__module__ == _ARRAYS and type(value).__name__ == "ndarray"
