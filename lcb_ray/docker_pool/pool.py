"""The `docker` backend: batches run on containers of this process's own, started with the work that needs them."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from typing import TypeVar

from lcb_ray.agent_client import CancelSignal
from lcb_ray.agent_keeper import Agent
from lcb_ray.batch import Batch, BatchResult, Checked
from lcb_ray.direct_pool import DirectPool
from lcb_ray.docker_pool.container import ContainerAgent, NoSocket, Plan
from lcb_ray.docker_pool.container_config import container_config
from lcb_ray.docker_pool.engine import BACK_S, Engine, EngineGone
from lcb_ray.docker_pool.image import Image, given_image, own_image
from lcb_ray.docker_pool.settings import BESIDE_BYTES, MIB, DockerSettings
from lcb_ray.docker_pool.sweep import remove_run, sweep
from lcb_ray.errors import PoolUnavailable, SandboxError, SandboxUnusable
from lcb_ray.owner import labels

C = TypeVar("C", bound=Checked)

log = logging.getLogger(__name__)


class DockerPool(DirectPool):
    """Runs batches in containers.

    Args:
        slots: Executions at once in each container. None: one.
        pool_size: Containers. None: as many as this process may use cores.
        settings: How containers are made.
        options: Further ones of each agent.

    Raises SandboxUnusable where the settings exclude so many slots.
    """

    def __init__(
        self,
        slots: int | None = None,
        *,
        pool_size: int | None = None,
        settings: DockerSettings | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self._settings = settings or DockerSettings()
        if self._settings.profile is not None and (slots or 1) > 1:
            raise SandboxUnusable(
                f"{slots} slots with the profile {self._settings.profile}: programs of one container could read each "
                "other's input there, so it has one slot: ask for more containers (--pool-size) instead"
            )
        size = pool_size or _cores()
        self._containers = _Containers(self._settings, slots=slots or 1, size=size, options=options)
        super().__init__(
            "docker", [self._containers.start] * size, slots=slots or 1, prepare=self._containers.prepare, join_s=30.0
        )
        atexit.register(self.close)

    def submit(self, batch: Batch[C]) -> Future[BatchResult[C]]:
        """Queue a batch; see lcb_ray.pool.Pool. Raises SandboxUnusable where the containers have too little memory."""
        room = self._settings.memory_bytes - BESIDE_BYTES
        if batch.limits.memory_bytes > room:
            asked = batch.limits.memory_bytes // MIB
            raise SandboxUnusable(
                f"a memory limit of {asked} MiB does not fit into containers that give each program {room // MIB} MiB: "
                f"set LIVECODEBENCH_SANDBOX_MEMORY={asked + BESIDE_BYTES // MIB} (MiB for each slot)"
            )
        return super().submit(batch)

    def close(self) -> None:
        """Cancel what waits and runs, and remove the containers. May be called twice."""
        if self._owner == os.getpid():
            atexit.unregister(self.close)
            self._containers.stop()
        super().close()
        if self._owner == os.getpid():
            self._containers.close()


def _cores() -> int:
    """Those that this process may use; elsewhere than on Linux, all."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _with_profile(error: SandboxUnusable, settings: DockerSettings) -> SandboxUnusable:
    """The error of an agent that refused what only gVisor lacks: with what to do about it."""
    if settings.profile is not None or "not given here: no_foreign_memory (" not in str(error):
        return error
    return SandboxUnusable(
        f"{error}\nWith gVisor, LIVECODEBENCH_SANDBOX_PROFILE=gvisor does without it, one program at a time in each "
        "container: docs/security.md says what that means"
    )


class _Containers:
    """Makes containers, all from one image, which is made ready before the first."""

    def __init__(self, settings: DockerSettings, *, slots: int, size: int, options: Sequence[str]) -> None:
        self._settings = settings
        self._slots = slots
        self._size = size
        self._options = options
        self.run = uuid.uuid4().hex[:12]
        self._lock = threading.Lock()  # held while image and engine are made ready, so that they are once
        self._ready: tuple[Engine, Image] | None = None
        self._made = 0
        self._stdio = settings.stdio
        self._stop_image = threading.Event()
        self._stop = CancelSignal()

    def prepare(self) -> None:
        """Make sure of engine and image. Raises SandboxError."""
        self._prepared()

    def start(self) -> Agent:
        """A new container. Raises SandboxError."""
        engine, image = self._prepared()
        while True:
            stdio = self._stdio
            try:
                return ContainerAgent(engine, self._plan(engine, image, stdio=stdio), stop=self._stop)
            except NoSocket as error:
                if stdio:
                    raise
                log.info("no socket gets through to containers, so their standard streams are used: %s", error)
                self._stdio = True
            except SandboxUnusable as error:
                raise _with_profile(error, self._settings) from None
            except EngineGone as error:
                log.warning("%s; waiting up to %.0f s for it", error, BACK_S)
                if not engine.came_back(self._stop_image):
                    raise PoolUnavailable(str(error)) from error

    def stop(self) -> None:
        """End what is being started, in all threads."""
        self._stop_image.set()
        self._stop.set()

    def close(self) -> None:
        """Remove what is left."""
        ready, self._ready = self._ready, None
        if ready is not None:
            engine, _ = ready
            try:
                remove_run(engine, self.run)
            except SandboxError as error:
                log.warning("%s: `livecodebench cleanup` removes what was left", error)
            engine.close()
        self._stop.close()

    def _prepared(self) -> tuple[Engine, Image]:
        with self._lock:
            if self._ready is None:
                engine = Engine(connections=self._size + 2)
                try:
                    self._ready = engine, self._image(engine)
                except BaseException:
                    engine.close()
                    raise
            return self._ready

    def _image(self, engine: Engine) -> Image:
        if removed := sweep(engine).removed:
            log.info("removed %d containers of processes that have gone", len(removed))
        if self._settings.image is not None:
            image = given_image(engine, self._settings.image, stop=self._stop_image)
        else:
            image = own_image(engine, stop=self._stop_image)
        log.info("starting containers of %s, up to %d of them", image.name, self._size)
        return image

    def _plan(self, engine: Engine, image: Image, *, stdio: bool) -> Plan:
        with self._lock:
            self._made += 1
            number = self._made
        if number > self._size:
            log.info("replacing a container that was lost")
        return Plan(
            name=f"livecodebench-{self.run}-{number}",
            config=lambda folder, agent: container_config(
                self._settings,
                image=image.name,
                folder=folder,
                agent=agent,
                slots=self._slots,
                engine_cpus=engine.cpus,
                labels=labels(self.run),
                options=self._options,
            ),
            has_agent=image.has_agent,
            stdio=stdio,
        )
