"""The agent of another container, here another process that listens: found, lost, found again, and told to let go."""

from __future__ import annotations

import os
import signal
import socket
import threading

import pytest

from lcb_ray.agent.protocol import ExecutionResult, Limits, Program
from lcb_ray.agent_keeper import AgentKeeper
from lcb_ray.batch import Batch, Case
from lcb_ray.errors import SandboxLost, SandboxUnusable
from lcb_ray.execute import Progress, execute
from lcb_ray.local import LocalPool
from lcb_ray.neighbour import NeighbourAgent
from tests import processes
from tests.listening_agent import ListeningAgent
from tests.processes import LONG_S

pytestmark = pytest.mark.jail

SLEEPS = Program(source=b"import time\nprint(1)\nif input():\n    time.sleep(1000)")


class Seen:
    passed = True

    def __init__(self, result: ExecutionResult, case: Case) -> None:
        self.result = result


@pytest.fixture
def container(tmp_path):
    agent = ListeningAgent(tmp_path)
    yield agent
    agent.close()


def neighbour(folder, **more):
    return NeighbourAgent(str(folder / "agent.sock"), **more)


def run(agent, program=b"print(2)"):
    pool = LocalPool(1, start=lambda: agent)
    try:
        return pool.submit(Batch(Program(source=program), lambda: [Case(b"")], Seen)).result(LONG_S)
    finally:
        pool.close()


def sleeping(keeper):
    """A program that sleeps for ever, under way: the thread, and what came of it."""
    from lcb_ray.agent_client import CancelSignal

    begun, ended = threading.Event(), []

    def check(result, case):
        begun.set()
        return Seen(result, case)

    cases = [Case(b"\n"), Case(b"sleep\n")]
    batch = Batch(SLEEPS, lambda: cases, check, Limits(cpu_s=1000, overload_wall_s=5000))

    def work():
        try:
            execute(keeper.connect, batch, Progress(cases), CancelSignal(), alone=True)
        except SandboxLost as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(LONG_S)
    return thread, ended


def test_programs_run_on_it(container, tmp_path):
    assert run(neighbour(tmp_path)).checked[0].result.stdout == b"2\n"


def test_closing_ends_what_it_runs_and_leaves_it_alive(container, tmp_path):
    keeper = AgentKeeper(lambda: neighbour(tmp_path))
    thread, ended = sleeping(keeper)
    was = processes.watch(processes.descendants(container.pid))
    keeper.close()
    thread.join(LONG_S)
    assert isinstance(ended[0], SandboxLost)
    assert not was.left()
    assert container.alive()
    assert run(neighbour(tmp_path)).checked[0].result.stdout == b"2\n"


def test_a_new_client_ends_what_a_former_one_left(container, tmp_path):
    former = AgentKeeper(lambda: neighbour(tmp_path))
    thread, ended = sleeping(former)
    was = processes.watch(processes.descendants(container.pid))
    late = neighbour(tmp_path)
    thread.join(LONG_S)
    assert isinstance(ended[0], SandboxLost)
    assert not was.left()
    late.close()
    former.close()


def test_its_death_is_seen_and_its_successor_found(container, tmp_path):
    keeper = AgentKeeper(lambda: neighbour(tmp_path))
    first = keeper.current()
    thread, ended = sleeping(keeper)
    os.kill(container.pid, signal.SIGKILL)
    thread.join(LONG_S)
    assert isinstance(ended[0], SandboxLost)
    container.process.wait()
    started: list[ListeningAgent] = []
    restart = threading.Thread(target=lambda: started.append(ListeningAgent(tmp_path)))  # over the stale socket
    restart.start()
    try:
        second = keeper.current()
        while second is first:  # its last process may outlive it by a moment
            second = keeper.current()
        assert run(second).checked[0].result.stdout == b"2\n"
    finally:
        restart.join(LONG_S)
        for agent in started:
            agent.close()


def test_one_that_never_listens_is_lost(tmp_path):
    with pytest.raises(SandboxLost, match="no agent listens on"):
        neighbour(tmp_path, start_s=0.1)


def test_one_that_hangs_is_lost(tmp_path):
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(str(tmp_path / "agent.sock"))
        hung.listen(0)
        with socket.socket(socket.AF_UNIX) as waiting:  # all that its queue takes
            waiting.connect(str(tmp_path / "agent.sock"))
            with pytest.raises(SandboxLost, match="no agent listens on"):
                neighbour(tmp_path, start_s=0.1)


def test_one_that_refuses_says_why(tmp_path):
    with pytest.raises(SandboxLost, match="status 78"):
        ListeningAgent(tmp_path, "--without", "seccomp")
    with pytest.raises(SandboxUnusable, match=r"refuses to start: required but not given here: .*no_exec"):
        neighbour(tmp_path)
    sound = ListeningAgent(tmp_path)  # and once it starts, the word is gone
    try:
        neighbour(tmp_path).close()
    finally:
        sound.close()
