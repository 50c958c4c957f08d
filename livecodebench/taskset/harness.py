"""One question, one answer, in this process.

verifiers' default harness gives the model a shell, in a rented container. LiveCodeBench asks once and has no tools, so
this one needs neither a container nor a program of its own: it makes the one request.
"""

from __future__ import annotations

from typing import Any

import httpx
import verifiers.v1 as vf


class LiveCodeBenchHarnessConfig(vf.HarnessConfig):
    """Nothing to set."""


class LiveCodeBenchHarness(vf.Harness[LiveCodeBenchHarnessConfig]):
    """Asks the model once."""

    APPENDS_SYSTEM_PROMPT = True
    EXECUTES_CODE = False
    NEEDS_CONTAINER = False

    async def launch(
        self,
        ctx: vf.ModelContext,
        trace: vf.Trace,
        runtime: vf.Runtime,
        endpoint: str,
        secret: str,
        mcp_urls: dict[str, str],
        data: vf.TaskData,
        **later: object,
    ) -> vf.ProgramResult:
        """Ask, through verifiers' own endpoint, which records the answer. How long it may take is verifiers' to say."""
        body: dict[str, Any] = {"model": ctx.model, "messages": self._messages(data)}
        if stop := getattr(data, "stop", None):
            body["stop"] = list(stop)
        async with httpx.AsyncClient(timeout=None) as client:
            answer = await client.post(
                f"{endpoint}/chat/completions", json=body, headers={"Authorization": f"Bearer {secret}"}
            )
        failed = answer.status_code >= 400
        return vf.ProgramResult(exit_code=int(failed), stdout="", stderr=answer.text if failed else "")

    def _messages(self, data: vf.TaskData) -> list[dict[str, Any]]:
        system, prompt = self.resolve_prompt(data)
        messages = [{"role": "system", "content": system}] if system else []
        if isinstance(prompt, str):
            return [*messages, {"role": "user", "content": prompt}]
        return [*messages, *(message.model_dump(exclude_none=True) for message in prompt or ())]
