"""The agent that a sandbox actor uses, where the actor is: the neighbour container's in a pod, else a child process.

In a pod (LIVECODEBENCH_AGENT_SOCKET names the neighbour's socket) the program shares its network with Ray: the jail
closes that way, and Ray's token is behind it. Both are tested here before the sandbox serves, and again whenever the
neighbour has been started anew. Elsewhere the agent proves its jail to itself and refuses to start without it; whether
a Ray that somebody else started wants a token is that one's business.
"""

from __future__ import annotations

import http
import http.client
import logging
import os
import socket
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import ray

from lcb_ray.agent_keeper import Agent
from lcb_ray.cluster_files import AGENT_SOCKET, GATEWAY_PORT
from lcb_ray.errors import SandboxLost
from lcb_ray.launcher import AgentProcess
from lcb_ray.neighbour import NeighbourAgent
from lcb_ray.self_test import JAIL_CHECKS, Address, Check, Subject, self_test

_AGENT_HTTP = ("127.0.0.1", 52365)  # of Ray's agent on this node
_METADATA = ("169.254.169.254", 80)
_ANSWER_S = 5.0
_MOST_NODES = 5  # of which a program is seen not to reach any

log = logging.getLogger(__name__)


def agent_here() -> Agent:
    """The agent for a sandbox actor in this process. Raises SandboxUnusable, SandboxLost."""
    path = os.environ.get(AGENT_SOCKET)
    if not path:
        return AgentProcess()
    agent = NeighbourAgent(path)
    began = time.monotonic()
    try:
        self_test(Subject(agent, addresses(), (path,)), POD_CHECKS)
    except BaseException:
        agent.close()
        raise
    log.info("the self-test took %.2f s: %s", time.monotonic() - began, ", ".join(check.name for check in POD_CHECKS))
    return agent


def addresses() -> dict[str, Address]:
    """What a program in this pod must not reach, as far as it is known here: by name, host and port."""
    host, port = _address(ray.get_runtime_context().gcs_address)
    head = _resolved(host)
    found = {"the GCS": (head, port), "the gateway": (head, GATEWAY_PORT)}
    found |= {"Ray's agent": _AGENT_HTTP, "the cloud's metadata": _METADATA}
    here = ray.get_runtime_context().get_node_id()
    nodes: Any = ray.nodes  # has no types
    alive = sorted((node for node in nodes() if node["Alive"]), key=lambda node: node["NodeID"] != here)
    for node in alive[:_MOST_NODES]:
        of = "this pod" if node["NodeID"] == here else f"pod {node['NodeManagerHostname']}"
        found[f"the raylet of {of}"] = (node["NodeManagerAddress"], int(node["NodeManagerPort"]))
        found[f"the objects of {of}"] = (node["NodeManagerAddress"], int(node["ObjectManagerPort"]))
    if dashboard := _dashboard():
        found["the dashboard"] = dashboard
    return found | _kubernetes(os.environ) | _name_servers(Path("/etc/resolv.conf"))


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def _resolved(host: str) -> str:
    """Its IP address: a program would have no resolver to ask."""
    try:
        return socket.gethostbyname(host)
    except OSError as error:
        raise SandboxLost(f"the head's name {host} cannot be resolved: {error}") from error


def _dashboard() -> Address | None:
    services: Any = import_module("ray._private.services")
    url: str | None = services.get_webui_url_from_internal_kv()
    return _address(url) if url else None


def _kubernetes(environment: Mapping[str, str]) -> dict[str, Address]:
    host = environment.get("KUBERNETES_SERVICE_HOST")
    return {"the Kubernetes API": (host, int(environment.get("KUBERNETES_SERVICE_PORT", "443")))} if host else {}


def _name_servers(file: Path) -> dict[str, Address]:
    try:
        lines = [line.split() for line in file.read_text().splitlines()]
    except OSError:
        return {}
    return {f"DNS at {line[1]}": (line[1], 53) for line in lines if len(line) > 1 and line[0] == "nameserver"}


def _wants_token(_: Subject) -> str:
    """Ask without a token, from Ray's side: the answer must be 401."""
    dashboard = _dashboard()
    if dashboard is None:
        return "the head has no dashboard that could be asked"
    for name, address, path in (
        ("the dashboard", dashboard, "/api/jobs/"),
        ("Ray's agent in this pod", _AGENT_HTTP, "/api/job_agent/jobs/"),
    ):
        status = _status(address, path)
        if status != http.HTTPStatus.UNAUTHORIZED:
            return (
                f"{name} answers {status} without a token, where it has to answer 401: authOptions.mode must be "
                "`token`, and KubeRay's operator 1.6 or newer, for an older one drops that without a word"
            )
    return ""


def _status(address: Address, path: str) -> int:
    connection = http.client.HTTPConnection(*address, timeout=_ANSWER_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise SandboxLost(f"{address[0]}:{address[1]} could not be asked whether it wants a token: {error}") from error
    finally:
        connection.close()


POD_CHECKS = (
    *JAIL_CHECKS,
    Check("token", "Ray's dashboard, jobs API and agent answer 401 to whoever has no token", _wants_token),
)
