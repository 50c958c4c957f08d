"""Letters to a driver: in order, kept until confirmed."""

from __future__ import annotations

import asyncio

from lcb_ray.ray_pool.mailbox import Mailbox
from lcb_ray.rules.events import Revoke

LONG_S = 60.0


def letter(number):
    return Revoke("driver", f"driver/{number}", "")


def test_letters_come_in_order_and_again_until_they_are_confirmed():
    async def story():
        box = Mailbox()
        for number in (1, 2, 3):
            box.put(letter(number))
        assert await box.take(0, LONG_S) == (3, [letter(1), letter(2), letter(3)])
        assert await box.take(0, LONG_S) == (3, [letter(1), letter(2), letter(3)])
        assert await box.take(2, LONG_S) == (3, [letter(3)])
        assert box.confirmed == 2
        box.put(letter(4))
        assert await box.take(3, LONG_S) == (4, [letter(4)])

    asyncio.run(story())


def test_whoever_comes_early_waits():
    async def story():
        box = Mailbox()
        waiting = asyncio.create_task(box.take(0, LONG_S))
        await asyncio.sleep(0)
        box.put(letter(1))
        assert await waiting == (1, [letter(1)])

    asyncio.run(story())


def test_but_not_for_ever():
    async def story():
        box = Mailbox()
        assert await box.take(0, 0.01) == (0, [])
        waiting = asyncio.create_task(box.take(0, LONG_S))
        await asyncio.sleep(0)
        box.close()
        assert await waiting == (0, [])

    asyncio.run(story())


def test_who_comes_again_takes_the_place_of_who_waits():
    async def story():
        box = Mailbox()
        first = asyncio.create_task(box.take(0, LONG_S))
        await asyncio.sleep(0)
        second = asyncio.create_task(box.take(0, LONG_S))
        assert await first == (0, [])
        box.put(letter(1))
        assert await second == (1, [letter(1)])

    asyncio.run(story())


def test_a_letter_goes_to_one_of_two_only():
    async def story():
        box = Mailbox()
        first = asyncio.create_task(box.take(0, LONG_S))
        await asyncio.sleep(0)
        box.put(letter(1))  # the first one has not run since
        assert await box.take(0, LONG_S) == (1, [letter(1)])
        assert await first == (0, [])

    asyncio.run(story())
