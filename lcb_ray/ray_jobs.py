"""Commands of ours as Ray jobs, by Ray's own client: start one with our code, follow what it prints, stop it.

Nothing here depends on the process that submitted a job: another one can follow it, from its first line on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ray.exceptions import AuthenticationError
from ray.job_submission import JobSubmissionClient

from lcb_ray.code_version import package_folder
from lcb_ray.errors import PoolUnavailable, SandboxUnusable

T = TypeVar("T")

_STOP_S = "60"  # for a job to end by itself, once it was asked to
_LOOK_S = 0.5
_PATIENCE_S = 300.0  # where the cluster does not answer; the job goes on meanwhile
_ADDRESS = "RAY_API_SERVER_ADDRESS"
# Loggers of Ray that print every upload and connection.
_TALKATIVE = (
    "ray.dashboard.modules.dashboard_sdk",
    "ray.dashboard.modules.job.sdk",
    "ray._private.runtime_env.packaging",
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as Ray tells of it.

    Attributes:
        id: Its submission id.
        status: PENDING, RUNNING, SUCCEEDED, FAILED or STOPPED.
        message: More about that, for people.
        exit_code: Of its command, where that has ended by itself.
        metadata: As it was submitted.
    """

    id: str
    status: str
    message: str
    exit_code: int | None
    metadata: Mapping[str, str]

    @property
    def ended(self) -> bool:
        """Whether it has."""
        return self.status in ("SUCCEEDED", "FAILED", "STOPPED")


class RayJobs:
    """The jobs of one Ray cluster.

    Args:
        address: Of its dashboard, "http://127.0.0.1:8265"; None: as Ray finds it (RAY_API_SERVER_ADDRESS, RAY_ADDRESS,
            a cluster on this machine).
        token: Of the cluster; None: as Ray finds it.

    Raises PoolUnavailable where nothing answers, SandboxUnusable where the token is not good.
    """

    def __init__(self, address: str | None = None, *, token: str | None = None) -> None:
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        headers = None if token is None else {"Authorization": f"Bearer {token}"}
        with _reaching("submit"), _only(address):
            self._client = JobSubmissionClient(address, headers=headers)

    def submit(
        self,
        command: Sequence[str],
        *,
        id: str,
        code: Sequence[str],
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """Start a command on the head; it goes on when this process ends.

        Args:
            command: Words; seen by everybody who sees the dashboard, as all that is given here.
            id: A name for the job that no other has had.
            code: Packages that it needs of us.
            folder: Sent along; the job runs in a copy of it.
            environment: Variables for it. Its secrets have to be there already.
            metadata: Of the job.
        """
        runtime_env: dict[str, Any] = {
            "py_modules": [str(package_folder(package)) for package in code],
            "excludes": ["__pycache__"],
            "env_vars": {"RAY_JOB_STOP_WAIT_TIME_S": _STOP_S, **(environment or {})},
        }
        if folder is not None:
            runtime_env["working_dir"] = str(folder)
        with _reaching(id):
            self._client.submit_job(
                entrypoint=f"exec {shlex.join(command)}",
                submission_id=id,
                runtime_env=runtime_env,
                metadata=dict(metadata or {}),
            )

    def job(self, id: str) -> Job:
        """How a job is. Raises LookupError where there is none, PoolUnavailable."""
        with _reaching(id):
            found = self._client.get_job_info(id)
        return Job(
            id=id,
            status=str(found.status),
            message=str(found.message or ""),
            exit_code=found.driver_exit_code,
            metadata=found.metadata or {},
        )

    def output(self, id: str) -> str:
        """All that a job has printed so far, on both streams. Raises LookupError, PoolUnavailable."""
        with _reaching(id):
            return str(self._client.get_job_logs(id))

    def follow(self, id: str, say: Callable[[str], object]) -> Job:
        """Hand on what a job prints, from its beginning, until it has ended; connections that break are made again.

        Raises LookupError where there is none; PoolUnavailable where the cluster does not answer for _PATIENCE_S.
        """
        heard = 0  # characters

        def hear(text: str, start: int) -> int:
            """Hand on what is new of a text that begins at `start` of all that was printed."""
            nonlocal heard
            end = start + len(text)
            if end > heard:
                say(text[max(heard - start, 0) :])
                heard = end
            return end

        while not (job := self._patiently(lambda: self.job(id))).ended:
            if job.status == "RUNNING":
                asyncio.run(self._tail(id, hear))
            time.sleep(_LOOK_S)
        hear(self._patiently(lambda: self.output(id)), 0)
        return job

    def stop(self, id: str) -> Job:
        """Ask a job to end, and wait until it has. Raises LookupError, PoolUnavailable."""
        with _reaching(id):
            self._client.stop_job(id)
        while not (job := self._patiently(lambda: self.job(id))).ended:
            time.sleep(_LOOK_S)
        return job

    async def _tail(self, id: str, hear: Callable[[str, int], int]) -> None:
        """Hand on what it prints, until it ends or the connection does."""
        place = 0
        try:
            async for text in self._client.tail_job_logs(id):
                place = hear(text, place)
        except Exception as error:  # of three libraries: whatever it is, the job's state will tell
            log.info("the connection to the logs of job %s broke: %s", id, error)

    def _patiently(self, ask: Callable[[], T]) -> T:
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return ask()
            except PoolUnavailable:
                if time.monotonic() > until:
                    raise
                time.sleep(2 * _LOOK_S)


@contextmanager
def _reaching(id: str) -> Iterator[None]:
    """Ray's errors as ours."""
    try:
        yield
    except AuthenticationError as error:
        raise SandboxUnusable(
            f"the Ray cluster does not take this token: set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN: {error}"
        ) from error
    except (LookupError, PoolUnavailable):
        raise
    except Exception as error:  # RuntimeError for every status, ConnectionError, those of requests
        if "404" in str(error) and "does not exist" in str(error):
            raise LookupError(f"the Ray cluster has no job {id}") from None
        raise PoolUnavailable(f"Ray's jobs API: {error}") from error


@contextmanager
def _only(address: str | None) -> Iterator[None]:
    """Let an address count that was given: Ray prefers that of the environment."""
    before = os.environ.get(_ADDRESS)
    if address is not None:
        os.environ[_ADDRESS] = address
    try:
        yield
    finally:
        if address is not None:
            os.environ.pop(_ADDRESS)
            if before is not None:
                os.environ[_ADDRESS] = before
