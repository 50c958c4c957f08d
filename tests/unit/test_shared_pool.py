"""One pool for all who ask for the same one, opened late and closed once."""

import os
import subprocess
import sys
import threading
from textwrap import dedent

import pytest

from lcb_ray.errors import SandboxLost, SandboxUnusable
from lcb_ray.pool import SandboxInfo
from livecodebench.errors import InputError
from livecodebench.judging.shared_pool import PoolOptions, PoolUser

OPTIONS = PoolOptions(slots=1)


class Pool:
    """A pool that only counts."""

    def __init__(self):
        self.infos = 0
        self.closed = 0

    def info(self):
        self.infos += 1
        return SandboxInfo("local", "3.11.7", None)

    def close(self):
        self.closed += 1


class Opener:
    """Opens pools, after it has raised what it was told to."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.opened = []

    def __call__(self, options):
        if self.failures:
            raise self.failures.pop(0)
        self.opened.append(Pool())
        return self.opened[-1]


def test_nothing_is_opened_before_the_first_use_and_then_once():
    opener = Opener()
    users = [PoolUser(OPTIONS, open=opener) for _ in range(3)]
    assert opener.opened == []
    assert len({id(user.pool()) for user in users}) == 1
    assert len(opener.opened) == 1
    for user in users:
        user.release()


def test_the_last_user_closes_it():
    opener = Opener()
    first, second = PoolUser(OPTIONS, open=opener), PoolUser(OPTIONS, open=opener)
    pool = first.pool()
    second.pool()
    first.release()
    first.release()
    assert pool.closed == 0
    second.release()
    assert pool.closed == 1
    second.release()
    assert pool.closed == 1


def test_after_that_it_can_be_used_again():
    opener = Opener()
    user = PoolUser(OPTIONS, open=opener)
    first = user.pool()
    user.release()
    assert user.pool() is not first
    assert user.info().python == "3.11.7"
    user.release()
    assert [pool.closed for pool in opener.opened] == [1, 1]


def test_other_options_are_another_pool():
    opener = Opener()
    users = [PoolUser(PoolOptions(slots=slots), open=opener) for slots in (1, 2)]
    assert users[0].pool() is not users[1].pool()
    for user in users:
        user.release()


def test_what_it_is_is_asked_once():
    opener = Opener()
    users = [PoolUser(OPTIONS, open=opener) for _ in range(2)]
    assert users[0].info() == users[1].info()
    assert opener.opened[0].infos == 1
    for user in users:
        user.release()


def test_what_cannot_work_is_tried_once_and_what_may_work_again():
    unusable = Opener(SandboxUnusable("no seccomp"))
    user = PoolUser(OPTIONS, open=unusable)
    for _ in range(2):
        with pytest.raises(SandboxUnusable, match="no seccomp"):
            user.info()
    assert unusable.opened == []
    user.release()
    assert user.pool() is unusable.opened[0], "a new start tries again"
    user.release()
    lost = PoolUser(OPTIONS, open=Opener(SandboxLost("gone")))
    with pytest.raises(SandboxLost):
        lost.pool()
    lost.pool()
    lost.release()


def test_many_threads_open_one_pool():
    opener = Opener()
    meeting = threading.Barrier(8, timeout=30)
    pools = []

    def use():
        user = PoolUser(OPTIONS, open=opener)
        meeting.wait()
        pools.append(user.pool())
        meeting.wait()
        user.release()

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pools) == 8
    assert len(opener.opened) == 1
    assert opener.opened[0].closed == 1


@pytest.mark.parametrize("options", [{"backend": "cloud"}, {"slots": 0}, {"pool_size": -1}])
def test_options_that_no_pool_can_have(options):
    with pytest.raises(InputError):
        PoolOptions(**options)


def test_it_is_closed_at_exit_and_a_forked_child_has_its_own():
    script = """
        import os
        from livecodebench.judging.shared_pool import PoolOptions, PoolUser

        class Pool:
            def close(self):
                os.write(1, f"closed {self.owner == os.getpid()}\\n".encode())

        def open(options):
            pool = Pool()
            pool.owner = os.getpid()
            return pool

        user = PoolUser(PoolOptions(), open=open)
        first = user.pool()
        child = os.fork()
        if child == 0:
            assert user.pool() is not first
            raise SystemExit
        os.waitpid(child, 0)
        assert user.pool() is first
    """
    result = subprocess.run(
        [sys.executable, "-c", dedent(script)],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
        timeout=60,
    )
    assert result.stdout == "closed True\nclosed True\n"
