"""Whether network policies are enforced, as the sandbox pods have found out."""

from __future__ import annotations

from lcb_ray.errors import SandboxError
from lcb_ray.gateway.looking import look_through_gateway
from lcb_ray.kuberay.gateway_start import gateway_there, gateway_token
from lcb_ray.kuberay.settings import Settings
from lcb_ray.kuberay.status import standing

UNKNOWN = "unknown"


def network_policies(settings: Settings) -> str:
    """In words: enforced, not enforced, or beginning with "partly" or "unknown" and saying why."""
    try:
        found = standing(settings)
        with gateway_there(found) as forward:
            views = look_through_gateway(forward.url, gateway_token(found))
    except SandboxError as error:
        return f"{UNKNOWN}: {error}"
    return word_of({sandbox.network for view in views for sandbox in view.sandboxes if sandbox.network})


def word_of(words: set[str]) -> str:
    """What several sandboxes have found, in one word; the worst counts."""
    if not words:
        return f"{UNKNOWN}: no sandbox runs that could have tried"
    return sorted(words, key=lambda word: (word.startswith("enforced"), word.startswith(UNKNOWN), word))[0]
