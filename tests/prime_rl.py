"""What prime-rl does with a taskset: an environment server of verifiers', and a client that ships each task to it.

prime-rl is on no package registry. These are the calls that its source makes (559b447, August 2026: env_server.py,
orchestrator/envs.py and dispatcher.py), on the verifiers that is installed here. Only the model is another: prime-rl
asks vLLM by tokens, this an OpenAI-compatible API.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import verifiers.v1 as vf
from verifiers.v1.serve import EnvClient, env_config_data, serve_env

STARTS_S = 300.0
MOST = 64  # episodes in flight


class Rollout(NamedTuple):
    """One.

    Attributes:
        text: The model's answer.
        reward: None for a trace with errors, which prime-rl drops.
    """

    question_id: str
    text: str | None
    reward: float | None


def rollouts(taskset: Mapping[str, Any], *, url: str, model: str, samples: int, folder: Path) -> list[Rollout]:
    """Have all tasks answered and scored, each so many times.

    Args:
        taskset: Of the environment's configuration.
        url: Of the model's API.
        model: What it is called there.
        samples: Of each task.
        folder: For the server's log.
    """
    config = vf.resolve_env_config({"taskset": {"id": "livecodebench", **taskset}})
    with _server(env_config_data(config), folder) as address:
        return asyncio.run(
            _all(config, address, vf.EvalClientConfig(base_url=url, api_key_var="NO_KEY"), model, samples)
        )


async def _all(config: Any, address: str, client: Any, model: str, samples: int) -> list[Rollout]:  # noqa: ANN401
    server = EnvClient(address=address)
    free = asyncio.Semaphore(MOST)

    async def episode(task: Any) -> Any:  # noqa: ANN401 - verifiers'
        async with free:
            return await server.run(
                task_data=task.data.model_dump(mode="json"), client=client, model=model, sampling=vf.SamplingConfig()
            )

    try:
        await server.wait_for_server_startup(timeout=STARTS_S)
        tasks = await asyncio.to_thread(lambda: list(vf.load_taskset(config.taskset)))
        episodes = await asyncio.gather(*(episode(task) for task in tasks for _ in range(samples)))
    finally:
        await server.close()
    return [_rollout(trace) for one in episodes for trace in one.traces]


def _rollout(trace: Any) -> Rollout:  # noqa: ANN401 - verifiers'
    # Without an answer where the machine was too busy to ask: counted as a fault, to be run again.
    text = (trace.nodes[-1].message.content or "") if trace.nodes else None
    return Rollout(trace.task.data.question_id, text, None if trace.has_error else trace.reward)


@contextmanager
def _server(config_data: dict[str, Any], folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    (folder / "environment.json").write_text(json.dumps(config_data))
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.prime_rl", folder / "environment.json", address],
            env=os.environ | {"NO_KEY": "x"},
            stdout=log,
            stderr=log,
        )
        try:
            yield address
        finally:
            process.terminate()
            process.wait()


def main() -> None:
    """The environment server, as prime-rl's entry point starts it."""
    file, address = sys.argv[1:]
    serve = vf.ServeConfig()
    serve_env(
        **vf.pool_serve_kwargs(serve.pool),
        address=address,
        config_data=json.loads(Path(file).read_text()),
        max_concurrent=serve.max_concurrent,
    )


if __name__ == "__main__":
    main()
