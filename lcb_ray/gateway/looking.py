"""The pools behind a gateway, looked at: one request, and no session. Needs no Ray."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request

from lcb_ray.errors import PoolUnavailable, SandboxUnusable
from lcb_ray.gateway.protocol import GATEWAY_HEADER, TOKEN_VARIABLE
from lcb_ray.pool_view import PoolView, ViewError

_ANSWER_S = 20.0
_MOST_BYTES = 16 * 2**20


def look_through_gateway(address: str, token: str | None = None) -> list[PoolView]:
    """The pools of the cluster that a gateway belongs to.

    Args:
        address: Of the gateway, "http://host:port".
        token: Of it. None: the environment's LIVECODEBENCH_GATEWAY_TOKEN.

    Raises PoolUnavailable where no gateway answers, SandboxUnusable where it does not take the token.
    """
    token = token or os.environ.get(TOKEN_VARIABLE, "")
    request = urllib.request.Request(f"{address.rstrip('/')}/pools", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_S) as response:
            if GATEWAY_HEADER not in response.headers:
                raise PoolUnavailable(f"something else than a gateway answers at {address}")
            answer = json.loads(response.read(_MOST_BYTES))
            return [PoolView.of(one) for one in answer["pools"]]
    except urllib.error.HTTPError as error:
        if error.code == 401:
            raise SandboxUnusable(
                f"{address} does not take this token: {TOKEN_VARIABLE} must be what the gateway was given"
            ) from None
        raise PoolUnavailable(f"the gateway at {address} answers {error.code}: is it of this release?") from None
    except OSError as error:
        raise PoolUnavailable(f"no gateway answers at {address}: {error}") from error
    except (ViewError, ValueError, KeyError, TypeError) as error:
        raise PoolUnavailable(f"what {address} answers cannot be read: {error}") from error
