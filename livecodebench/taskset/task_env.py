"""The environment of the v1 API: one agent, in this process, and sandboxes that are given up at the end."""

from __future__ import annotations

import asyncio

import verifiers.v1 as vf

from livecodebench.rewards.scorer import close_scorers


class LiveCodeBenchEnvConfig(vf.SingleAgentEnvConfig):
    """verifiers' own, but for the defaults of its agent: no container, no shell for the model."""

    agent: vf.AgentConfig = vf.AgentConfig(harness={"id": "livecodebench"}, runtime=vf.SubprocessConfig())


class LiveCodeBenchTaskEnv(vf.SingleAgentEnv, vf.Env[LiveCodeBenchEnvConfig]):
    """One question, one answer, one verdict."""

    async def stop(self) -> None:
        """Give up the sandboxes of this process; a later rollout asks for them again."""
        await asyncio.to_thread(close_scorers)
