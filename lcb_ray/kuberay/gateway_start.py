"""The gateway of a RayCluster: started by a job on the head where none of this code answers, and the way to it."""

from __future__ import annotations

import json
import shlex
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Sequence

from lcb_ray.cluster_files import DASHBOARD_PORT, GATEWAY_PORT
from lcb_ray.code_version import code_version
from lcb_ray.errors import PoolUnavailable
from lcb_ray.kuberay import use
from lcb_ray.kuberay.bring_up import Standing
from lcb_ray.kuberay.forward import PortForward
from lcb_ray.kuberay.jobs import JobsApi
from lcb_ray.kuberay.settings import Replace
from lcb_ray.kuberay.steps import Steps

_TOKEN_FILE = "/run/secrets/livecodebench-gateway/token"
_ANSWER_S = 5.0
_LOOK_S = 0.3
_USE_LOOK_S = 5.0
_COMES_S = 30.0  # for a gateway that the head starts by itself, from when the head is ready


def dashboard(standing: Standing, *, local_port: int | None = None) -> PortForward:
    """The way to Ray's dashboard and jobs API; to be opened."""
    return standing.place.forward(DASHBOARD_PORT, local_port=local_port)


def gateway_there(standing: Standing) -> PortForward:
    """The way to the gateway, whether there is one or not; to be opened."""
    return standing.place.forward(GATEWAY_PORT)


def ray_token(standing: Standing) -> str:
    """The token of the Ray cluster, which KubeRay has made. Raises PoolUnavailable."""
    return standing.place.ray_token()


def gateway_token(standing: Standing) -> str:
    """The token of the gateway. Raises PoolUnavailable."""
    return standing.place.gateway_token()


def open_gateway(
    standing: Standing,
    steps: Steps,
    *,
    codec: str,
    code: Sequence[str],
    grace_s: float,
    replace: Replace = Replace.WAIT,
) -> PortForward:
    """The way to a gateway that runs this code; it is started where there is none. Close it when done.

    Args:
        standing: Of the RayCluster.
        steps: Hears of it.
        codec: "MODULE:NAME" of a function that says what may travel.
        code: The packages that must be the same on both sides.
        grace_s: How long its pools stay after their last client has left, where it is started here.
        replace: What to do with a gateway of other code that others use.

    Raises PoolUnavailable, SandboxUnusable.
    """
    with steps.step("gateway"):
        forward = gateway_there(standing).open()
        try:
            token = gateway_token(standing)
            there = _code_coming(standing, steps, forward.url, token)
            if there != code_version(tuple(code)):
                if there is not None and replace is Replace.WAIT:
                    _wait_until_unused(standing, steps)
                _start(standing, steps, [*_command(codec, code), "--grace", f"{grace_s:g}"], code)
                while _code_there(forward.url, token) is None:
                    steps.waits_for("the gateway to answer")
                    steps.pause(_LOOK_S)
        except BaseException:
            forward.close()
            raise
    return forward


def _wait_until_unused(standing: Standing, steps: Steps) -> None:
    """Let the clients of a gateway of other code finish: with another gateway they could not go on."""
    while who := ", ".join(use.gateway_users(standing.place)):
        steps.waits_for(
            f"the gateway runs another version of this package, and is used by {who}: it is replaced once nobody uses "
            "it. LIVECODEBENCH_K8S_REPLACE=now does not wait, and their work is lost"
        )
        steps.pause(_USE_LOOK_S)


def _code_coming(standing: Standing, steps: Steps, url: str, token: str) -> str | None:
    """The version of the code that a gateway runs, which the head may be starting just now; None where none comes."""
    until = time.monotonic() + (_COMES_S if standing.has_code else 0.0)
    while (there := _code_there(url, token)) is None and time.monotonic() < until:
        steps.waits_for("the head to start it")
        steps.pause(_LOOK_S)
    return there


def _command(codec: str, code: Sequence[str]) -> list[str]:
    return [
        *("python", "-m", "lcb_ray.gateway", "--codec", codec, "--code", ",".join(code), "--backend", "kubernetes"),
        *("--host", "0.0.0.0", "--port", str(GATEWAY_PORT), "--token-file", _TOKEN_FILE),
    ]


def _start(standing: Standing, steps: Steps, command: Sequence[str], code: Sequence[str]) -> None:
    with dashboard(standing) as forward:
        jobs = JobsApi(forward.url, ray_token(standing))
        steps.waits_for("our code to be on the head")
        modules = jobs.bring(code)
        job = jobs.submit(
            shlex.join(command),
            submission_id=f"livecodebench-gateway-{uuid.uuid4().hex[:8]}",
            runtime_env={"py_modules": [modules]},
            metadata={"job_name": "livecodebench gateway", "code": code_version(tuple(code))},
        )
        while not (seen := jobs.job(job)).ended:
            steps.waits_for(f"the job {job} that starts the gateway")
            steps.pause(_LOOK_S)
        if seen.status != "SUCCEEDED":
            raise PoolUnavailable(f"the gateway does not start: {seen.message}\n{jobs.logs(job)[-2000:]}")


def _code_there(url: str, token: str) -> str | None:
    """The version of the code that a gateway runs; None where none answers."""
    request = urllib.request.Request(f"{url}/status", headers={"Authorization": f"Bearer {token}"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=_ANSWER_S) as response:
            return str(json.loads(response.read(1_000_000))["code"])
    except (OSError, ValueError, KeyError):
        return None
