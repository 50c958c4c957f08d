"""An event loop for callers that have none."""

import asyncio
import signal
import threading

import pytest

from livecodebench.environment.loop_thread import LoopThread


@pytest.fixture
def loop():
    made = LoopThread()
    yield made
    made.close()


async def where():
    return asyncio.get_running_loop(), threading.current_thread()


def test_all_calls_have_the_same_loop(loop):
    first, thread = loop.run(where())
    assert thread is not threading.current_thread()
    assert loop.run(where()) == (first, thread)


def test_it_can_be_used_where_a_loop_runs(loop):
    async def outer():
        return loop.run(where())[0], asyncio.get_running_loop()

    inner, running = asyncio.run(outer())
    assert inner is not running


def test_it_can_be_used_from_threads_at_once(loop):
    meeting = threading.Barrier(2, timeout=30)
    seen = []

    async def meet():
        await asyncio.to_thread(meeting.wait)
        return asyncio.get_running_loop()

    threads = [threading.Thread(target=lambda: seen.append(loop.run(meet()))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 2
    assert seen[0] is seen[1]


def test_an_exception_comes_out(loop):
    async def fail():
        raise KeyError("x")

    with pytest.raises(KeyError):
        loop.run(fail())


def test_ctrl_c_cancels_and_waits_until_it_has_ended(loop):
    main = threading.main_thread().ident
    ended = []

    async def interrupted():
        try:
            signal.pthread_kill(main, signal.SIGINT)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(True)

    with pytest.raises(KeyboardInterrupt):
        loop.run(interrupted())
    assert ended == [True]


def test_it_does_not_wait_for_itself(loop):
    async def nested():
        return loop.run(where())

    with pytest.raises(RuntimeError, match="evaluate_async"):
        loop.run(nested())


def test_after_close_it_starts_again(loop):
    first, thread = loop.run(where())
    loop.close()
    loop.close()
    assert first.is_closed()
    assert not thread.is_alive()
    assert loop.run(where())[0] is not first
