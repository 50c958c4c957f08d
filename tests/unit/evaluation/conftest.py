"""Problems, stored completions and real servers on loopback for the model half of `evaluate`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from aiohttp import web

from livecodebench.answers.completion import Completion
from livecodebench.model_client.key import ApiKey
from livecodebench.problem import Difficulty, Platform, Problem
from livecodebench.replay.answering import Answerer
from livecodebench.replay.faults import Faults
from livecodebench.replay.server import ReplayServer
from livecodebench.replay.server_thread import ServerThread
from livecodebench.replay.stored import StoredCompletions

MODEL = "tiny-1"


def _problem(question_id: str, content: str, *, starter_code: str = "", func_name: str | None = None) -> Problem:
    return Problem(
        question_id=question_id,
        title=question_id,
        content=content,
        platform=Platform.LEETCODE if func_name else Platform.ATCODER,
        difficulty=Difficulty.EASY,
        contest_id="own",
        contest_date=datetime(2024, 1, 2),
        starter_code=starter_code,
        func_name=func_name,
        public_tests=(),
        private_tests=lambda: (),
    )


_STARTER = "class Solution:\n    def double(self, n: int) -> int:\n        "

PROBLEMS = (
    _problem("own_a", "Given a whole number n, print the number that is\ntwice as large as it.\r\n\nInput\n\nn  "),
    _problem("own_b", "Given a line of lower-case words, print how many of them there are.\n\nInput\n\nThe line."),
    _problem("own_c", "Print it."),
    _problem(
        "9001", "Return twice the n that you are given; n is at most 10^9.", starter_code=_STARTER, func_name="double"
    ),
)


def _completion(question_id: str, sample: int) -> Completion:
    code = f"# {question_id}/{sample}\nprint(int(input()) * 2)"
    return Completion(text=f"Here it is, in the shortest way I know:\n```python\n{code}\n```\n", finish_reason="stop")


@pytest.fixture
def problems() -> tuple[Problem, ...]:
    return PROBLEMS


@pytest.fixture
def stored() -> StoredCompletions:
    """Three completions for each problem but the last, one for that."""
    counts = {"own_a": 3, "own_b": 3, "own_c": 3, "9001": 1}
    return StoredCompletions({MODEL: {name: [_completion(name, n) for n in range(k)] for name, k in counts.items()}})


@pytest.fixture
def serve(stored: StoredCompletions) -> Iterator[Callable[..., ReplayServer]]:
    """Start a replay server on a free port; it ends with the test."""
    with ExitStack() as servers:

        def start(
            faults: Faults | None = None,
            *,
            completions: StoredCompletions = stored,
            cycle: bool = False,
            key: str | None = None,
        ) -> ReplayServer:
            answerer = Answerer(completions, PROBLEMS, faults=faults, cycle=cycle, key=ApiKey(key))
            return servers.enter_context(ReplayServer(answerer))

        yield start


Respond = Callable[[web.Request, bytes], web.StreamResponse]


@dataclass
class Script:
    """A server that says what it is told to, and keeps what it was sent.

    Each response is (status, headers, body), or a function of the request; the last one is repeated.
    """

    responses: Sequence[tuple[int, dict[str, str], bytes] | Respond]
    base_url: str = ""
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        response = self.responses[min(len(self.requests), len(self.responses) - 1)]
        self.requests.append((dict(request.headers), body))
        if callable(response):
            return response(request, body)
        status, headers, content = response
        return web.Response(status=status, headers=headers, body=content)


@pytest.fixture
def script() -> Iterator[Callable[..., Script]]:
    """Start a scripted server; it ends with the test."""
    with ExitStack() as servers:

        def start(*responses: tuple[int, dict[str, str], bytes] | Respond) -> Script:
            told = Script(responses)
            app = web.Application()
            app.router.add_route("*", "/{path:.*}", told.handle)
            told.base_url = f"{servers.enter_context(ServerThread(app)).root_url}/v1"
            return told

        yield start


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.sleeping = asyncio.Event()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        self.sleeping.set()
        await asyncio.sleep(0)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def chat() -> Callable[..., dict[str, Any]]:
    """The body of a plain request for a problem."""

    def body(problem: Problem = PROBLEMS[0], **fields: object) -> dict[str, Any]:
        return {"model": MODEL, "messages": [{"role": "user", "content": f"Solve:\n{problem.content}\n"}], **fields}

    return body
