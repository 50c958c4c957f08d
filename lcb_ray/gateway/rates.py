"""How fast one trust domain may go on: a bucket that fills at a rate, and is drawn from. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_BURST_S = 2.0  # of what comes in so long, so much may come at once


@dataclass(slots=True)
class Bucket:
    """Draw from it for each request.

    Attributes:
        rate: What comes in each second.
    """

    rate: float
    _level: float = 0.0
    _at: float = float("-inf")

    def wait_s(self, at: float) -> float:
        """How long until something may be drawn; 0 where it is now."""
        self._fill(at)
        return max(-self._level / self.rate, 0.0)

    def draw(self, amount: float, at: float) -> None:
        """Take so much. More than there is may be taken once: what is owed has to come in first."""
        self._fill(at)
        self._level -= amount

    def _fill(self, at: float) -> None:
        most = _BURST_S * self.rate
        self._level = min(self._level + self.rate * max(at - self._at, 0.0), most)
        self._at = max(at, self._at)
