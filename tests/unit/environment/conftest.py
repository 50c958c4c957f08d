"""Three small problems, a server of stored answers, and sandboxes that can be had but run nothing.

verifiers' import takes seconds: it is left to the tests that need it.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from aiohttp import web
from openai import AsyncOpenAI

from lcb_ray.errors import SandboxLost
from lcb_ray.local import LocalPool
from livecodebench.answers.completion import Completion
from livecodebench.answers.extraction import ExtractionRule
from livecodebench.dataset.opening import open_dataset
from livecodebench.environment.loop_thread import LOOP
from livecodebench.environment.single_turn import LiveCodeBenchEnv
from livecodebench.judging.lazy_judge import LazyJudge
from livecodebench.judging.shared_pool import PoolOptions, PoolUser
from livecodebench.prompts import find_style
from livecodebench.replay.answering import Answerer
from livecodebench.replay.faults import Faults
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.server_thread import ServerThread
from livecodebench.replay.stored import StoredCompletions


class IdleAgent:
    """An agent that says it is there, and is lost as soon as a program is to run."""

    def __init__(self, starts: list[IdleAgent]) -> None:
        self.hello: dict[str, object] = {
            "python": "3.11.7",
            "numpy": None,
            "properties": {"no_network": ["seccomp"]},
            "sees_waiting": True,
        }
        starts.append(self)

    def alive(self) -> bool:
        return True

    def connect(self) -> socket.socket:
        raise SandboxLost("the agent is gone")

    def close(self) -> None:
        pass


@pytest.fixture
def problems_file(write: Callable[..., Path], data) -> Path:
    """Problems own_a, own_b and own_c, of three months."""
    rows = [
        data.row(
            f"own_{name}",
            question_content=f"Problem {name}: given a whole number, print the number that is twice as large as it.",
            contest_date=f"2024-0{month}-02T00:00:00",
        )
        for month, name in enumerate("abc", start=1)
    ]
    return write(rows)


@pytest.fixture
def starts() -> list[IdleAgent]:
    """The agents that were started."""
    return []


@pytest.fixture
def make_env(problems_file: Path, starts: list[IdleAgent]) -> Iterator[Callable[..., LiveCodeBenchEnv]]:
    """Make an environment whose sandboxes run nothing, or are started by `start`."""
    made: list[LiveCodeBenchEnv] = []

    def make(start: Callable[[], object] | None = None, **options: object) -> LiveCodeBenchEnv:
        started = start or (lambda: IdleAgent(starts))
        user = PoolUser(PoolOptions(slots=2), open=lambda options: LocalPool(options.slots, start=started))
        judge = LazyJudge(lambda: open_dataset(problems_file), user)
        chosen = {"style": find_style("OpenAIChat"), "rule": ExtractionRule.OFFICIAL, "env_args": {"dataset": "own"}}
        made.append(LiveCodeBenchEnv(judge, **(chosen | options)))
        return made[-1]

    yield make
    for env in made:
        env.close()


@pytest.fixture
def serve(problems_file: Path) -> Iterator[Callable[..., ReplayServer]]:
    """Start a server that gives these answers to each problem, in turn and then again."""
    with ExitStack() as servers:

        def start(*answers: str, **faults: object) -> ReplayServer:
            problems = open_dataset(problems_file)
            stored = {None: {name: [Completion(text=text) for text in answers] for name in problems}}
            answerer = Answerer(
                StoredCompletions(stored),
                problems.values(),
                faults=Faults(**faults),  # type: ignore[arg-type]
                cycle=True,
            )
            return servers.enter_context(ReplayServer(answerer))

        yield start


class Script:
    """An API that always says the same, and keeps what it was sent."""

    def __init__(self, answer: dict[str, object], status: int) -> None:
        self._answer = answer
        self._status = status
        self.base_url = ""
        self.bodies: list[dict[str, object]] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.json())
        return web.json_response(self._answer, status=self._status)


@pytest.fixture
def script() -> Iterator[Callable[..., Script]]:
    """Start an API that answers all with this."""
    message = {"role": "assistant", "content": "I do not know."}
    choices = [{"index": 0, "finish_reason": "stop", "message": message}]
    completion = {"id": "x", "object": "chat.completion", "created": 0, "model": "x", "choices": choices}
    with ExitStack() as servers:

        def start(answer: dict[str, object] = completion, status: int = 200) -> Script:
            told = Script(answer, status)
            app = web.Application()
            app.router.add_post("/v1/{path:.*}", told.handle)
            told.base_url = f"{servers.enter_context(ServerThread(app)).root_url}/v1"
            return told

        yield start


@pytest.fixture
def client_at() -> Iterator[Callable[..., AsyncOpenAI]]:
    """Make a client; it is closed after the test, in the loop that used it."""
    made: list[AsyncOpenAI] = []

    def make(url: str, **options: int) -> AsyncOpenAI:
        made.append(AsyncOpenAI(base_url=url, api_key="k", **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for client in made:
        LOOP.run(client.close())


@pytest.fixture
def requests_of() -> Callable[[ReplayServer], int]:
    """How many requests a server got."""

    def count(server: ReplayServer) -> int:
        return int(server.stats()["requests"])

    return count


@pytest.fixture
def lines_of() -> Callable[[Path], list[dict[str, object]]]:
    """The rollouts in a folder of results."""

    def read(folder: Path) -> list[dict[str, object]]:
        return [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]

    return read
