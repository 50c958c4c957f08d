"""What the attacks aim at in a sandbox's container, Docker's or a pod's: a victim of its user, a neighbour, an agent.

As tests.attack_target, from outside: `attack` runs one attack and compares what an observer in the container
(tests/observer.py) saw before and sees afterwards.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import select
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.agent_client import Cancelled, CancelSignal, Connection
from lcb_ray.errors import SandboxError
from tests import attacks
from tests.attacks import Attack, Told

if TYPE_CHECKING:
    from lcb_ray.docker_pool.settings import DockerSettings
    from tests.k8s.pods import Pods

_OBSERVER = Path(__file__).with_name("observer.py")
_FOLDERS = ["/tmp", "/dev/shm", "/run/livecodebench", "/run/lcb"]
# Says by its name that it runs.
_NEIGHBOUR = b"import ctypes, time\nif input():\n    ctypes.CDLL(None).prctl(15, b'neighbour')\n    time.sleep(1000)"
_LONG_S = 120.0  # gVisor is slow

Process = tuple[int, int, str]  # parent, session, name


class ContainerTarget:
    """A container that is attacked. Use `closing`.

    Args:
        command: Puts `python …` into the container: the words before it, such as `docker exec -i NAME`.
        agent: Gives a new connection to its agent.
        agent_socket: The path of one of the agent's sockets, as the container sees it.
        neighbour: Whether a program runs in another slot meanwhile.
        settles_s: How long others may be at work there, whose processes come and go.
    """

    def __init__(
        self,
        command: list[str],
        agent: Callable[[], socket.socket],
        *,
        agent_socket: str,
        neighbour: bool = True,
        settles_s: float = _LONG_S / 6,
    ) -> None:
        self._agent = agent
        self._settles_s = settles_s
        self._close_all = ExitStack()
        with self._close_all as undo:  # where this cannot be finished
            with closing(CancelSignal()) as cancel, self.connect(cancel) as connection:
                self.properties: dict[str, list[str]] = connection.hello["properties"]  # type: ignore[assignment]
            self._token = secrets.token_hex(8)
            self._observe(command)
            self._pids: list[int] = []
            self._find_processes(neighbour)
            self._told |= {
                "token": f"token-{self._token}",
                "key": int(self._token[:7], 16),
                "packages": ["/opt/lcb/agent.pyz", "/usr/local/lib/python3.11/site-packages/pip/__init__.py"],
                "agent_socket": agent_socket,
                "secret_backwards": secrets.token_hex(8),
            }
            self._close_all = undo.pop_all()

    def close(self) -> None:
        """End the victim and the neighbour."""
        self._close_all.close()

    def connect(self, cancel: CancelSignal) -> Connection:
        """A connection to the agent."""
        return Connection(self._agent(), cancel)

    def _observe(self, command: list[str]) -> None:
        self._observer = subprocess.Popen(
            [*command, "python", "-u", "-c", _OBSERVER.read_text()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._close_all.callback(self._end_observer)
        self._told: dict[str, Any] = self._ask({"token": self._token, "folders": _FOLDERS})

    def _end_observer(self) -> None:
        assert self._observer.stdin is not None
        assert self._observer.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._observer.stdin.close()
        try:
            self._observer.wait(_LONG_S)
        except subprocess.TimeoutExpired:
            self._observer.kill()
            self._observer.wait()
        self._observer.stdout.close()

    def _ask(self, words: object) -> Any:  # noqa: ANN401 - JSON
        assert self._observer.stdin is not None
        assert self._observer.stdout is not None
        self._observer.stdin.write(json.dumps(words) + "\n")
        # One line for each question: nothing of an answer is in a buffer yet. A container that died need not close it.
        if not select.select([self._observer.stdout], [], [], _LONG_S)[0]:
            self._observer.kill()
            raise TimeoutError(f"the observer in the container did not answer within {_LONG_S:.0f} s")
        answer = self._observer.stdout.readline()
        if not answer:
            raise EOFError("the victim has ended")
        return json.loads(answer)

    def _processes(self) -> dict[int, Process]:
        """Of all that is there."""
        return {pid: tuple(about) for pid, about in self._ask([])["state"]["processes"]}

    def _answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._ask(self._pids)
        found = {pid: tuple(about) for pid, about in answer["state"]["processes"]}
        answer["state"]["processes"] = _without_wardens(found, self._pids[0])
        return answer

    def _find_processes(self, neighbour: bool) -> None:
        """Which number the agent has is seen when it runs a program: the neighbour, or one that ends at once."""
        undo = self._start_neighbour()
        there = _until(self._processes, _only_a_neighbour)
        [program] = [pid for pid, (_, _, name) in there.items() if name == "neighbour"]
        agent = _agent_of(there, program)
        if neighbour:
            self._close_all.callback(undo)
            self._pids = [agent, program]
        else:
            undo()
            there = _until(self._processes, lambda found: not _jailed(found, agent))
            self._pids, self._neighbour_ended = [agent], threading.Event()
        self._told |= {"agent": agent, "neighbour": program if neighbour else self._told["victim"]}
        # What is there between two attacks: less would be somebody's end, more are programs on their way out.
        self._there = _without_wardens(there, agent)

    def _start_neighbour(self) -> Callable[[], None]:
        begun, cancel = threading.Event(), CancelSignal()
        ended = self._neighbour_ended = threading.Event()

        def run() -> None:
            try:
                with closing(cancel), self.connect(cancel) as connection:
                    connection.compile(Program(source=_NEIGHBOUR), Limits(cpu_s=1000.0, overload_wall_s=5000.0))
                    for _ in connection.results([b"\n", b"go on\n"]):
                        begun.set()
            except (SandboxError, Cancelled):
                pass
            finally:
                ended.set()
                begun.set()

        thread = threading.Thread(target=run)
        thread.start()

        def end() -> None:
            cancel.set()
            thread.join()

        if not begun.wait(_LONG_S) or ended.is_set():
            end()
            raise RuntimeError("no neighbour could be started")
        return end

    def attack(self, attack: Attack) -> list[str]:
        """Run an attack. What it did that it must not, and what is no longer as it was; empty if it was contained."""
        before = _until(lambda: self._answer()["state"], lambda seen: seen["processes"] == self._there)
        faults = attacks.strike(self.connect, attack, Told(self._told))
        faults += attacks.is_served(self.connect)
        touched: list[str] = []

        def look() -> dict[str, object]:
            answer = self._answer()
            touched.extend(answer["touched"])
            return answer["state"]  # type: ignore[no-any-return]

        try:
            after = _until(look, lambda seen: seen["processes"] == before["processes"], settles_s=self._settles_s)
        except EOFError as error:
            return [*faults, str(error)]
        if self._neighbour_ended.is_set():
            faults.append("the neighbour has ended")
        faults += [f"something arrived at {name}" for name in touched]
        return faults + [f"changed: {name}" for name in before if before[name] != after[name]]


def _agent_of(processes: dict[int, Process], program: int) -> int:
    """Who started the warden that a test process is the child of."""
    warden, _, _ = processes[program]
    return processes[warden][0]


def _jailed(processes: dict[int, Process], agent: int) -> set[int]:
    """Test processes and what they are forked from: each program has a session of its own, wardens have the agent's."""
    session = processes[agent][1]
    wardens = {pid for pid, (parent, _, _) in processes.items() if parent == agent}
    return {pid for pid, (parent, own, _) in processes.items() if parent in wardens and own != session}


def _without_wardens(processes: dict[int, Process], agent: int) -> dict[int, Process]:
    """They come, wait for their next connection, and go. With them goes what forks for them."""
    session = processes[agent][1]
    return {pid: one for pid, one in processes.items() if pid == agent or one[1] != session}


def _only_a_neighbour(processes: dict[int, Process]) -> bool:
    """Whether a neighbour runs, and nothing else does: of whoever was served before, or asked for life."""
    programs = [pid for pid, (_, _, name) in processes.items() if name == "neighbour"]
    if len(programs) != 1:
        return False
    warden = processes[programs[0]][0]
    return all(processes[pid][0] == warden for pid in _jailed(processes, _agent_of(processes, programs[0])))


def _until(
    look: Callable[[], dict[Any, Any]], wanted: Callable[[dict[Any, Any]], bool], *, settles_s: float | None = None
) -> dict[Any, Any]:
    """What `look` gives once it is as wanted, or after so many seconds. Nothing tells when that is."""
    end = time.monotonic() + (_LONG_S if settles_s is None else settles_s)
    while not wanted(found := look()):
        if time.monotonic() > end:
            if settles_s is not None:
                return found
            raise AssertionError(f"never came: {found}")
        time.sleep(0.05)
    return found


@contextlib.contextmanager
def docker_target(settings: DockerSettings) -> Iterator[ContainerTarget]:
    """A container of the docker backend, with a neighbour where it may have two slots."""
    from lcb_ray.docker_pool.pool import DockerPool

    slots = 2 if settings.profile is None else 1
    with closing(DockerPool(slots, pool_size=1, settings=settings)) as pool:
        pool.info()
        [agent] = pool.agents()
        command = ["docker", "exec", "-i", agent.name]  # type: ignore[attr-defined]
        target = ContainerTarget(command, agent.connect, agent_socket="/run/lcb/control.sock", neighbour=slots > 1)
        with closing(target):
            yield target


POD_SOCKET = "/run/livecodebench/agent.sock"
# In the Ray container of a pod: its standard streams become a connection to the agent.
_BRIDGE = """
import os, select, socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
while True:
    for end in select.select([0, sock], [], [])[0]:
        data = os.read(0, 65536) if end == 0 else sock.recv(65536)
        if not data:
            sys.exit()
        if end == 0:
            sock.sendall(data)
        else:
            while data:
                data = data[os.write(1, data):]
"""


@contextlib.contextmanager
def pod_target(pods: Pods, pod: str) -> Iterator[ContainerTarget]:
    """A sandbox pod: attacked in its sandbox container, by a client in its Ray container."""
    bridges: list[subprocess.Popen[bytes]] = []

    def connect() -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            command = pods.into(pod, "ray", "python", "-c", _BRIDGE, POD_SOCKET)
            bridges.append(subprocess.Popen(command, stdin=theirs, stdout=theirs))
        return ours

    try:
        # A pool's actor may come to this pod meanwhile, test it, and go when nobody has used the pool for a minute.
        target = ContainerTarget(pods.into(pod, "sandbox"), connect, agent_socket=POD_SOCKET, settles_s=2 * _LONG_S)
        with closing(target):
            yield target
    finally:
        for bridge in bridges:
            bridge.terminate()
            bridge.wait()
