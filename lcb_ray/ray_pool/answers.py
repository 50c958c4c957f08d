"""What an actor answers, with patience: Ray starts one that has died again, and says meanwhile that it is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from ray.exceptions import ActorUnavailableError, RayTaskError

from lcb_ray.errors import SandboxError, SandboxLost

_AGAIN_S = 0.2  # between two calls of an actor that is restarting


async def answer_of(call: Callable[[], Any], within_s: float | None) -> Any:  # noqa: ANN401 - of any method
    """What a sandbox actor answers, waiting while it restarts. Raises SandboxError, RayError.

    Args:
        call: Calls the actor, anew each time.
        within_s: The most to wait in all; None: as long as it takes.
    """
    deadline = None if within_s is None else time.monotonic() + within_s
    while True:
        left = None if deadline is None else deadline - time.monotonic()
        try:
            return await asyncio.wait_for(call(), left)
        except TimeoutError:
            raise SandboxLost(f"its actor did not answer within {within_s:.0f} s") from None
        except ActorUnavailableError:
            await asyncio.sleep(_AGAIN_S)
        except RayTaskError as error:
            if isinstance(error.cause, SandboxError):
                raise error.cause from error
            raise
