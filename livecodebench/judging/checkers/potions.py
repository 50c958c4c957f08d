"""AtCoder abc333_e: any choice of potions to pick up that needs the fewest held at once."""

from __future__ import annotations

from collections import Counter

from livecodebench.judging.checker import RIGHT, CheckOutcome, wrong
from livecodebench.judging.checkers.reading import expect, input_integers, integers

_POTION, _MONSTER = 1, 2
_Event = tuple[int, int]


def check_potions(output: str, expected: str, input: str) -> CheckOutcome:
    """Play the printed choices: every monster is defeated, and no more potions are held than the least possible."""
    count, *numbers = input_integers(input, at_least=1)
    events = list(zip(numbers[::2], numbers[1::2], strict=False))
    expect(len(numbers) == 2 * count and all(kind in (_POTION, _MONSTER) for kind, _ in events))
    least = _least(events)
    if least is None:
        return wrong("expected -1: some monster cannot be defeated")
    found = sum(kind == _POTION for kind, _ in events)
    printed = integers(output.split(None, found + 1))
    if not printed or printed[0] != least:
        return wrong(f"expected {least} as the first number")
    choices = printed[1:]
    if len(choices) != found or set(choices) - {0, 1}:
        return wrong(f"expected {found} choices, each 0 or 1")
    return _play(events, choices, least)


def _least(events: list[_Event]) -> int | None:
    """The fewest potions held at once; None if a monster is met without one. Takes each potion as late as possible."""
    needed: Counter[int] = Counter()
    held = most = 0
    for kind, type_ in reversed(events):
        if kind == _MONSTER:
            needed[type_] += 1
            held += 1
            most = max(most, held)
        elif needed[type_]:
            needed[type_] -= 1
            held -= 1
    return None if held else most


def _play(events: list[_Event], choices: list[int], least: int) -> CheckOutcome:
    bag: Counter[int] = Counter()
    held = 0
    actions = iter(choices)
    for number, (kind, type_) in enumerate(events, start=1):
        change = -1 if kind == _MONSTER else next(actions)
        bag[type_] += change
        held += change
        if bag[type_] < 0:
            return wrong(f"event {number}: no potion of type {type_} is left for the monster")
        if held > least:
            return wrong(f"event {number}: {held} potions are held, {least} suffice")
    return RIGHT
