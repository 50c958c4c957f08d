"""The watch over the cluster's head."""

from __future__ import annotations

import queue
import socket

import pytest

from lcb_ray.errors import PoolUnavailable
from lcb_ray.ray_pool import head_watch
from lcb_ray.ray_pool.head_watch import HeadWatch, patience_s

LONG_S = 60.0


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    monkeypatch.setattr(head_watch, "_LOOK_S", 0.01)


def a_head():
    return socket.create_server(("127.0.0.1", 0))


def test_a_head_that_is_gone_is_said_once_with_its_address():
    said = queue.SimpleQueue()
    head = a_head()
    address = "{}:{}".format(*head.getsockname())
    watch = HeadWatch(address, said.put, patience_s=0.05)
    for _ in range(5):
        head.accept()[0].close()
    assert said.empty()
    head.close()
    error = said.get(timeout=LONG_S)
    assert isinstance(error, PoolUnavailable)
    assert address in str(error)
    watch.close()
    assert said.empty()


def test_a_head_that_comes_back_in_time_was_never_gone():
    said = queue.SimpleQueue()
    head = a_head()
    host, port = head.getsockname()
    watch = HeadWatch(f"{host}:{port}", said.put, patience_s=LONG_S)
    head.accept()[0].close()
    head.close()
    with socket.create_server((host, port)) as again:
        again.accept()[0].close()
    watch.close()
    assert said.empty()


def test_whoever_stops_watching_hears_no_more():
    said = queue.SimpleQueue()
    HeadWatch("127.0.0.1:1", said.put, patience_s=LONG_S).close()
    assert said.empty()


@pytest.mark.parametrize(("ray_s", "ours_s"), [(None, 30.0), ("600", 300.0), ("soon", 30.0)])
def test_it_gives_up_before_ray_ends_the_process(monkeypatch, ray_s, ours_s):
    monkeypatch.delenv("RAY_gcs_rpc_server_reconnect_timeout_s", raising=False)
    if ray_s is not None:
        monkeypatch.setenv("RAY_gcs_rpc_server_reconnect_timeout_s", ray_s)
    assert patience_s() == ours_s
