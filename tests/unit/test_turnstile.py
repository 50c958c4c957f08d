"""Many at once or one alone; who waits to be alone is not overtaken for ever."""

from __future__ import annotations

import os
import threading
import time

import pytest

from lcb_ray.agent_client import Cancelled
from lcb_ray.turnstile import Turnstile

LONG_S = 60.0  # for what must happen
SHORT_S = 0.05  # for what must not: too short only ever lets a bug pass, never fails a right program


class Guest(threading.Thread):
    """Enters, says so, and stays until it is let go."""

    def __init__(self, turnstile, *, alone):
        super().__init__(daemon=True)
        self.turnstile, self.alone = turnstile, alone
        self.inside, self.leave, self.left = threading.Event(), threading.Event(), threading.Event()
        self.start()

    def run(self):
        with self.turnstile.enter(alone=self.alone):
            self.inside.set()
            self.leave.wait(LONG_S)
        self.left.set()

    def go(self):
        self.leave.set()
        assert self.left.wait(LONG_S)


@pytest.fixture
def guest():
    guests = []
    turnstile = Turnstile()

    def guest(*, alone):
        guests.append(Guest(turnstile, alone=alone))
        return guests[-1]

    guest.turnstile = turnstile
    yield guest
    for one in guests:
        one.leave.set()
    for one in guests:
        one.join(LONG_S)


def someone_waits_alone(turnstile):
    """Look until it is so: nothing tells when a thread begins to wait."""
    end = time.monotonic() + LONG_S
    while not turnstile._waiting_alone:
        assert time.monotonic() < end
        os.sched_yield()


def test_many_share(guest):
    for one in [guest(alone=False) for _ in range(5)]:
        assert one.inside.wait(LONG_S)


def test_one_alone_keeps_the_others_out(guest):
    first = guest(alone=True)
    assert first.inside.wait(LONG_S)
    others = [guest(alone=False), guest(alone=True), guest(alone=False)]
    assert not any(one.inside.wait(SHORT_S) for one in others)
    first.go()
    assert others[1].inside.wait(LONG_S)  # whoever else came before: all of them get in
    others[1].go()
    assert all(one.inside.wait(LONG_S) for one in others)


def test_who_wants_to_be_alone_waits_for_all_that_share(guest):
    sharing = [guest(alone=False) for _ in range(3)]
    assert all(one.inside.wait(LONG_S) for one in sharing)
    alone = guest(alone=True)
    for one in sharing:
        assert not alone.inside.wait(SHORT_S)
        one.go()
    assert alone.inside.wait(LONG_S)


def test_newcomers_that_share_do_not_overtake(guest):
    sharing = guest(alone=False)
    assert sharing.inside.wait(LONG_S)
    alone = guest(alone=True)
    someone_waits_alone(guest.turnstile)
    newcomer = guest(alone=False)
    assert not newcomer.inside.wait(SHORT_S)
    sharing.go()
    assert alone.inside.wait(LONG_S)
    assert not newcomer.inside.is_set()
    alone.go()
    assert newcomer.inside.wait(LONG_S)


def test_an_exception_inside_leaves_the_turnstile_open():
    turnstile = Turnstile()
    for alone in (True, False, True, False):
        with pytest.raises(ZeroDivisionError), turnstile.enter(alone=alone):
            raise ZeroDivisionError
    assert not turnstile._sharing
    assert not turnstile._alone


@pytest.mark.parametrize("alone_every", [2, 7])
def test_nobody_is_ever_inside_with_one_that_is_alone(alone_every):
    turnstile, lock, inside, seen = Turnstile(), threading.Lock(), [], []

    def visit(number):
        for turn in range(30):
            alone = (number + turn) % alone_every == 0
            with turnstile.enter(alone=alone):
                with lock:
                    inside.append(alone)
                    seen.append((alone, len(inside), any(inside)))
                with lock:
                    inside.remove(alone)

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG_S)
    assert len(seen) == 120
    assert all(count == 1 for alone, count, _ in seen if alone)
    assert not any(with_one_alone for alone, _, with_one_alone in seen if not alone)


@pytest.mark.parametrize("alone", [True, False])
def test_who_waits_can_give_up_and_is_not_waited_for(guest, alone):
    first = guest(alone=not alone)
    assert first.inside.wait(LONG_S)
    turnstile, cancelled, gave_up = guest.turnstile, threading.Event(), threading.Event()

    def visit():
        try:
            with turnstile.enter(alone=alone, cancelled=cancelled.is_set):
                pass
        except Cancelled:
            gave_up.set()

    visitor = threading.Thread(target=visit)
    visitor.start()
    turnstile.wake()
    assert not gave_up.wait(SHORT_S)
    behind = guest(alone=False)
    cancelled.set()
    turnstile.wake()
    assert gave_up.wait(LONG_S)
    visitor.join(LONG_S)
    if alone:
        assert behind.inside.wait(LONG_S)  # the first shares: only who gave up had kept it out
    first.go()
    assert behind.inside.wait(LONG_S)
    with pytest.raises(Cancelled), turnstile.enter(alone=True, cancelled=lambda: True):
        pass
