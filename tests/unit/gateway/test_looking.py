"""Looking at the pools behind a gateway: one request, and an error with a way out for all that may be wrong."""

from __future__ import annotations

import pytest

from lcb_ray.errors import PoolUnavailable, SandboxUnusable
from lcb_ray.gateway.looking import look_through_gateway
from tests.gateway_thread import TOKEN
from tests.unit.test_pool_view import VIEW


def test_all_pools_come(gateway):
    gateway.views = [VIEW.as_json(), VIEW.as_json() | {"pool": "other"}]
    found = look_through_gateway(gateway.url, TOKEN)
    assert [view.pool for view in found] == ["livecodebench", "other"]
    assert found[0] == VIEW
    gateway.call(lambda desk: desk.status()["clients"] == {})


def test_the_token_is_the_environments(gateway, monkeypatch):
    monkeypatch.setenv("LIVECODEBENCH_GATEWAY_TOKEN", TOKEN)
    assert look_through_gateway(gateway.url) == []


def test_a_wrong_token(gateway):
    with pytest.raises(SandboxUnusable, match="LIVECODEBENCH_GATEWAY_TOKEN"):
        look_through_gateway(gateway.url, "another-token-altogether")


def test_what_is_no_view_is_refused(gateway):
    gateway.views = [{"pool": "x"}]
    with pytest.raises(PoolUnavailable, match="cannot be read"):
        look_through_gateway(gateway.url, TOKEN)


def test_nobody_there():
    with pytest.raises(PoolUnavailable, match="no gateway answers"):
        look_through_gateway("http://127.0.0.1:1", TOKEN)
