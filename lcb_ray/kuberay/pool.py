"""The `kubernetes` backend: a pool that is brought up at its first use, and reached by the gateway on its head.

In the cluster itself (a Ray job) the actors are used directly, and nothing is brought up: see settings.in_the_cluster.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from lcb_ray.batch import Batch, BatchResult, Checked
from lcb_ray.errors import PoolClosed, SandboxError
from lcb_ray.gateway.client import GatewayPool
from lcb_ray.gateway.codec import Codec
from lcb_ray.kuberay.bring_up import DEFAULT_SANDBOXES, Standing, bring_up, wait_for_pods
from lcb_ray.kuberay.forward import PortForward
from lcb_ray.kuberay.gateway_start import gateway_token, open_gateway
from lcb_ray.kuberay.settings import Replace, Settings, read_settings
from lcb_ray.kuberay.steps import Say, Steps
from lcb_ray.kuberay.steps import say as log_or_stderr
from lcb_ray.kuberay.tear_down import delete_local
from lcb_ray.kuberay.trouble_watch import TroubleWatch
from lcb_ray.pool import SandboxInfo
from lcb_ray.rules.events import Priority

C = TypeVar("C", bound=Checked)
_PATIENCE_S = 300.0  # another head, or an API server that is away, may take minutes


class KubernetesPool:
    """Runs batches on sandbox pods; see lcb_ray.pool.Pool. The first use brings up whatever is not there.

    Args:
        slots: Executions at once in each pod. None: 1.
        pool_size: The most pods. None: DEFAULT_SANDBOXES. Where fewer fit, it starts with those, and says so.
        codec: Knows the check functions, verdicts and so on of the batches.
        codec_name: "MODULE:NAME" of a function that makes the same one on the other side.
        priority: What this process runs.
        name: Drivers that name the same pool share it. None: the one that all use.
        code: The packages that must be the same on both sides.
        packages: The packages that images of ours have in them; None: the same. All users of a RayCluster say the same,
            for its images are named by their content, and another image makes another RayCluster.
        settings: Which cluster. None: as the environment says.
        say: Hears of every step.

    Raises SettingError where the environment contradicts itself.
    """

    def __init__(
        self,
        slots: int | None = None,
        *,
        pool_size: int | None = None,
        codec: Codec,
        codec_name: str,
        priority: Priority = Priority.EVALUATION,
        name: str | None = None,
        code: Sequence[str] = ("lcb_ray",),
        packages: Sequence[str] | None = None,
        settings: Settings | None = None,
        say: Say = log_or_stderr,
    ) -> None:
        self._settings = settings or read_settings()
        self._slots = slots
        self._pool_size = pool_size
        self._codec = codec
        self._codec_name = codec_name
        self._priority = priority
        self._name = name
        self._code = tuple(code)
        self._packages = self._code if packages is None else tuple(packages)
        self._say = say
        self._lock = threading.Lock()  # held while it is brought up, so that this happens once
        self._pool: GatewayPool | None = None
        self._forward: PortForward | None = None
        self._watch: TroubleWatch | None = None
        self._owner = os.getpid()
        self._closed = False

    @property
    def slots(self) -> int:
        """How many executions can run at once; what was asked for until it is up."""
        if self._pool is not None:
            return self._pool.slots
        return (self._pool_size or DEFAULT_SANDBOXES) * (self._slots or 1)

    def info(self) -> SandboxInfo:
        """Describe the sandboxes, waiting for the first. Raises SandboxError where none can be had."""
        pool = self._opened()
        try:
            return pool.info()
        except SandboxError as error:
            if self._watch is not None and (trouble := self._watch.now()):
                raise type(error)(f"{error} ({trouble})") from error
            raise

    def submit(self, batch: Batch[C]) -> Future[BatchResult[C]]:
        """Queue a batch; see lcb_ray.pool.Pool. The first one waits until the pool is up."""
        try:
            pool = self._opened()
        except PoolClosed:
            raise
        except SandboxError as error:
            failed: Future[BatchResult[C]] = Future()
            failed.set_exception(error)
            return failed
        return pool.submit(batch)

    def close(self) -> None:
        """Cancel what waits and runs, and leave the pool, whose pods go when nobody uses it. May be called twice.

        With DELETE_CLUSTER_ON_CLEANUP set, the local cluster is deleted, if it was made here.
        """
        if self._owner != os.getpid():
            return
        with self._lock:
            was_up, self._closed = self._pool is not None, True
            if self._pool is not None:
                self._pool.close()
            if self._forward is not None:
                self._forward.close()
            if self._watch is not None:
                self._watch.close()
            self._pool = self._forward = self._watch = None
        if was_up and self._settings.delete_on_cleanup and self._settings.local:
            delete_local(self._settings, Steps(self._say, timeout_s=self._settings.timeout_s))

    def _opened(self) -> GatewayPool:
        with self._lock:
            if self._closed:
                raise PoolClosed("the pool is closed")
            if self._owner != os.getpid():
                raise PoolClosed("this pool belongs to the process that made it; make one after forking")
            if self._pool is None:
                self._open()
            assert self._pool is not None
            return self._pool

    def _open(self) -> None:
        steps = Steps(self._say, timeout_s=self._settings.timeout_s)
        standing = bring_up(
            self._settings, steps, code=self._packages, sandboxes=self._pool_size, slots=self._slots, wait_for=0
        )
        self._pool, self._forward = join_pool(
            standing,
            steps,
            codec=self._codec,
            codec_name=self._codec_name,
            name=self._name,
            code=self._code,
            slots=self._slots,
            grace_s=self._settings.grace_s,
            priority=self._priority,
            wait_for=1,
            replace=self._settings.replace,
        )
        self._watch = TroubleWatch(standing.place, self._say)


def join_pool(
    standing: Standing,
    steps: Steps,
    *,
    codec: Codec,
    codec_name: str,
    name: str | None = None,
    code: Sequence[str] = ("lcb_ray",),
    slots: int | None = None,
    grace_s: float,
    priority: Priority = Priority.EVALUATION,
    wait_for: int | None = None,
    replace: Replace = Replace.WAIT,
) -> tuple[GatewayPool, PortForward]:
    """Use the pool of a RayCluster, and wait until the first sandbox has passed its tests. Close both when done.

    Args:
        standing: Of the RayCluster.
        steps: Hears of every step.
        codec: See KubernetesPool, as for the next four.
        codec_name: Of the gateway's own.
        name: Of the pool.
        code: On both sides.
        slots: Of each pod.
        grace_s: How long the pool stays after its last user.
        priority: What this process runs.
        wait_for: Pods to wait for; None: all that are sure to come.
        replace: What to do with a gateway of other code that others use.

    Raises SandboxError where it cannot work.
    """
    forward = open_gateway(standing, steps, codec=codec_name, code=code, grace_s=grace_s, replace=replace)
    pool = None
    try:
        pool = GatewayPool(
            forward.url,
            codec=codec,
            token=gateway_token(standing),
            code=code,
            slots=slots,
            pool_size=standing.sandboxes,
            name=name,
            priority=priority,
            patience_s=_PATIENCE_S,
            new_token=standing.place.gateway_token,
        )
        _wait_for_first(pool, standing, steps, wait_for)
    except BaseException:
        if pool is not None:
            pool.close()
        forward.close()
        raise
    return pool, forward


def _wait_for_first(pool: GatewayPool, standing: Standing, steps: Steps, wait_for: int | None) -> None:
    """Let the pool start its actors, which is what keeps pods, and say meanwhile what the pods wait for."""
    with ThreadPoolExecutor(1, thread_name_prefix="kubernetes-pool") as beside:
        asked = beside.submit(pool.info)
        try:
            wait_for_pods(standing, steps, wait_for)
            with steps.step("first sandbox"):
                asked.result()
        except BaseException:
            pool.close()  # so that nothing waits any more
            raise
