"""This process's connection to a Ray cluster: an existing one, or one of its own on this machine.

Ray is initialised only where it is not; what was started here is shut down with its last user. A cluster that did not
start from this environment gets our code by runtime_env; its own environment needs Ray and the standard library only.
Ray Client (ray://) is not used.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import ray

from lcb_ray.code_version import package_folder
from lcb_ray.errors import PoolUnavailable, SandboxUnusable

_lock = threading.Lock()
_users = 0
_ours = False

log = logging.getLogger(__name__)


def connect(address: str | None, *, code: Sequence[str], dashboard: bool = False, cpus: int | None = None) -> None:
    """Make sure that this process is connected to Ray. Call `disconnect` once for each call.

    Args:
        address: Of an existing cluster, "host:6379" or "auto"; None: RAY_ADDRESS, and without that a cluster of one's
            own on this machine. Not looked at where Ray is initialised already: then that connection is used.
        code: Packages to send to an existing cluster.
        dashboard: Start Ray's dashboard with a cluster of one's own.
        cpus: What such a cluster believes it has. None: what this machine has.

    Raises:
        PoolUnavailable: No cluster answers there.
        SandboxUnusable: The address is one that cannot work.
    """
    global _users, _ours
    with _lock:
        if not ray.is_initialized():
            _initialise(
                address or os.environ.get("RAY_ADDRESS"), code, {"include_dashboard": dashboard, "num_cpus": cpus}
            )
            _ours = True
        _users += 1


def disconnect() -> None:
    """Give up a connection; the last one shuts down what `connect` started."""
    global _users, _ours
    with _lock:
        _users -= 1
        if _users == 0 and _ours:
            _ours = False
            ray.shutdown()


def _initialise(address: str | None, code: Sequence[str], own: dict[str, Any]) -> None:
    if address is not None and address.startswith("ray://"):
        raise SandboxUnusable(
            f"{address}: Ray Client is not supported: give the cluster's own address (host:6379) from a machine of its "
            "network, or run the command in the cluster with `ray job submit`"
        )
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    with _own_sigterm(), _no_copy_of_uv_run():
        if address is None or address == "local":
            _start(**own, **options)
        else:
            _join(address, code, options)


def _start(**options: Any) -> None:  # noqa: ANN401 - Ray's
    """Start a cluster on this machine. Ray gives up after 30 s, which a busy machine may take."""
    _keep_token_private()
    for last in (False, False, True):
        try:
            ray.init(address="local", **options)
            return
        except Exception as error:  # a bare Exception, among others
            ray.shutdown()
            if last:
                raise PoolUnavailable(f"Ray does not start on this machine: {error}") from error
            log.warning("Ray did not start, trying again: %s", error)


def _join(address: str, code: Sequence[str], options: dict[str, Any]) -> None:
    try:
        _join_with_code(address, code, options)
    except (ConnectionError, RuntimeError) as error:
        raise PoolUnavailable(
            f"Ray cannot be reached at {address}: {error}: is it running, of version {ray.__version__}, and is its "
            "token here (RAY_AUTH_MODE=token with RAY_AUTH_TOKEN, or ~/.ray/auth_token)?"
        ) from error


def _join_with_code(address: str, code: Sequence[str], options: dict[str, Any]) -> None:
    folders = [str(package_folder(package)) for package in code]
    sent = {"py_modules": folders, "excludes": ["__pycache__"]}
    try:
        ray.init(address=address, runtime_env=sent, **options)
    except ValueError as error:
        # In a job that was submitted with py_modules of its own, these are what the job's author wants to run.
        log.info("this job's own py_modules are used: %s", error)
        ray.init(address=address, **options)


@contextmanager
def _own_sigterm() -> Iterator[None]:
    """Ray takes SIGTERM over when it is initialised in the main thread; whoever had it before keeps it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _no_copy_of_uv_run() -> Iterator[None]:
    """Under `uv run` Ray would start every worker with `uv run` in an upload of the current folder, whatever that is.

    Ours run in the environment that the cluster was started from, and get our code as said above. Ray reads the
    variable that turns this off (RAY_ENABLE_UV_RUN_RUNTIME_ENV) when it is imported, which may have been long ago.
    """
    constants: Any = import_module("ray._private.ray_constants")
    before = getattr(constants, "RAY_ENABLE_UV_RUN_RUNTIME_ENV", False)
    constants.RAY_ENABLE_UV_RUN_RUNTIME_ENV = False
    try:
        yield
    finally:
        constants.RAY_ENABLE_UV_RUN_RUNTIME_ENV = before


def _keep_token_private() -> None:
    """See that the token of local clusters, which is full control over them, can be read by its owner only.

    Ray would make the file itself, readable by everybody.
    """
    if os.environ.get("RAY_AUTH_TOKEN") or os.environ.get("RAY_AUTH_MODE", "token").lower() != "token":
        return
    named = os.environ.get("RAY_AUTH_TOKEN_PATH")
    path = Path(named) if named else Path.home() / ".ray" / "auth_token"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        _close_to_others(path)
    except OSError as error:  # a home that cannot be written: Ray will say what it needs
        log.info("no token file of ours: %s", error)
    else:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))


def _close_to_others(path: Path) -> None:
    found = path.stat()
    if stat.S_IMODE(found.st_mode) & 0o077 and found.st_uid == os.geteuid():
        path.chmod(0o600)
        log.warning("%s could be read by other users; it no longer can", path)
