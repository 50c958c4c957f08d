"""What a driver says goes out in order, gathered, in few calls; mail comes back in order."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

pytest.importorskip("ray", reason="Ray is not installed: uv sync --extra ray")

from lcb_ray.ray_pool.exchange import Exchange, NotKnown
from lcb_ray.ray_pool.messages import Mail, Release

LONG_S = 60.0


class Calls:
    """The calls that were made, to be answered by the test."""

    def __init__(self):
        self.made = []

    def __call__(self, words, tells_held):
        answer = Future()
        self.made.append((words, tells_held, answer))
        return Answer(answer)

    def words(self):
        return [words for words, _, _ in self.made]

    def answer(self, number, mail):
        self.made[number][2].set_result(mail)


class Answer:
    """Stands for a reference to what will be answered."""

    def __init__(self, answer):
        self._answer = answer

    def future(self):
        return self._answer


def mail(last):
    return Mail(last=last, letters=(), actors={}, capacity=1)


def word(number):
    return Release(f"driver/{number}", dirty=False)


def test_what_is_said_meanwhile_goes_with_the_next_call():
    calls = Calls()
    exchange = Exchange(calls)
    exchange.say(word(1))
    assert exchange.mail(expecting=False, within_s=0) is None
    exchange.say(word(2))  # takes the place of the first call
    assert exchange.mail(expecting=False, within_s=0) is None
    exchange.say(word(3))
    exchange.say(word(4))  # too many are under way
    assert exchange.mail(expecting=False, within_s=0) is None
    assert calls.words() == [(word(1),), (word(2),)]
    calls.answer(0, mail(0))
    assert exchange.mail(expecting=False, within_s=0) == mail(0)
    assert exchange.mail(expecting=False, within_s=0) is None
    assert calls.words() == [(word(1),), (word(2),), (word(3), word(4))]


def test_mail_comes_in_the_order_of_the_calls():
    calls = Calls()
    exchange = Exchange(calls)
    for number in (1, 2):
        exchange.say(word(number))
        assert exchange.mail(expecting=True, within_s=0) is None
    calls.answer(1, mail(2))
    assert exchange.mail(expecting=True, within_s=0) is None
    calls.answer(0, mail(1))
    assert [exchange.mail(expecting=True, within_s=LONG_S).last for _ in range(2)] == [1, 2]


def test_one_call_waits_where_something_is_expected():
    calls = Calls()
    exchange = Exchange(calls)
    for _ in range(2):
        assert exchange.mail(expecting=True, within_s=0) is None
    assert calls.words() == [()]


def test_what_is_held_is_told_now_and_then_and_to_each_pool_actor():
    calls = Calls()
    exchange = Exchange(calls)
    for number in (1, 2):
        exchange.say(word(number))
        assert exchange.mail(expecting=True, within_s=0) is None
    exchange.begin()
    exchange.say(word(3))
    assert exchange.mail(expecting=True, within_s=0) is None
    assert [tells_held for _, tells_held, _ in calls.made] == [True, False, True]


def test_whom_the_pool_actor_does_not_know_must_join():
    calls = Calls()
    exchange = Exchange(calls)
    assert exchange.mail(expecting=True, within_s=0) is None
    calls.answer(0, None)
    with pytest.raises(NotKnown):
        exchange.mail(expecting=True, within_s=LONG_S)


def test_what_was_said_to_a_lost_pool_actor_is_not_said_to_the_next():
    calls = Calls()
    exchange = Exchange(calls)
    exchange.say(word(1))
    exchange.begin()
    exchange.say(word(2))
    assert exchange.mail(expecting=False, within_s=0) is None
    assert calls.words() == [(word(2),)]
