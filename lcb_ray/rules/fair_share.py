"""Who is next: priorities share by weight, drivers of one priority evenly, in slots held and then in slot-seconds used.

Slots held come first, so that a newcomer does not get every free slot at once; slot-seconds settle who waits where
there are more drivers than slots. Time spent away earns nothing: who comes back starts level with those who stayed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class Account:
    """What a driver, or a priority, has and has had.

    Attributes:
        weight: Its share compared to its siblings'.
        held: Slots it has now.
        waiting: Requests it waits with.
        used: Slot-seconds that it has had, as far as they count.
    """

    weight: float = 1.0
    held: int = 0
    waiting: int = 0
    used: float = 0.0

    @property
    def active(self) -> bool:
        """Whether it wants or has anything."""
        return bool(self.held or self.waiting)

    def turn(self) -> tuple[float, float]:
        """The account with the smallest is next."""
        return self.held / self.weight, self.used / self.weight

    def wake(self, siblings: Iterable[Account]) -> None:
        """Call before it becomes active: it has no claim on what it did not want while it was away."""
        level = min((one.used / one.weight for one in siblings if one is not self and one.active), default=0.0)
        self.used = max(self.used, level * self.weight)
