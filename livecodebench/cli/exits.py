"""How a command ends: the exit statuses that the contract promises, and what is said on standard error."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from enum import IntEnum
from functools import wraps
from typing import ParamSpec

import typer

from lcb_ray.errors import BadSetting, SandboxError
from livecodebench.cli.signals import Interrupted
from livecodebench.errors import LiveCodeBenchError
from livecodebench.printable import printable

P = ParamSpec("P")


class Status(IntEnum):
    """Exit statuses.

    Attributes:
        OK: Every submission has a verdict, right or wrong.
        NOT_ACCEPTED: `run` only: the program is not accepted.
        BAD_INPUT: A file, option or configuration is wrong; nothing was executed.
        ERRORS: Finished, with at least one infrastructure error.
        NO_BACKEND: The backend is unavailable; nothing was judged.
        BUG: An exception that nobody expected.
        NO_OUTPUT: Results cannot be written any more; what was judged before is kept.
        INTERRUPTED: By Ctrl-C; can be resumed.
        TERMINATED: By SIGTERM; can be resumed.
    """

    OK = 0
    NOT_ACCEPTED = 1
    BAD_INPUT = 2
    ERRORS = 3
    NO_BACKEND = 4
    BUG = 70
    NO_OUTPUT = 74
    INTERRUPTED = 130
    TERMINATED = 143


class Ended(Exception):
    """Ends a command with a status, saying why."""

    def __init__(self, status: Status, message: str = "") -> None:
        super().__init__(message)
        self.status = status


def tell(message: str) -> None:
    """Say something on standard error. The message may hold anything: it cannot act on a terminal."""
    typer.echo(printable(message, keep_lines=True), err=True)


def command(work: Callable[P, None]) -> Callable[P, None]:
    """Give a command its exit statuses, whatever it raises."""

    @wraps(work)
    def ending(*args: P.args, **kwargs: P.kwargs) -> None:
        sys.exit(_status_of(work, *args, **kwargs))

    return ending


def _status_of(work: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> int:
    try:
        work(*args, **kwargs)
        sys.stdout.flush()
    except Ended as ended:
        if str(ended):
            tell(str(ended))
        return _flushed(ended.status)
    except LiveCodeBenchError as error:
        tell(f"livecodebench: {error}")
        return Status.BAD_INPUT
    except BadSetting as error:
        tell(f"livecodebench: {error}")
        return Status.BAD_INPUT
    except SandboxError as error:
        tell(f"livecodebench: {error}\n`livecodebench doctor` tells what is missing.")
        return Status.NO_BACKEND
    except KeyboardInterrupt:
        tell("Interrupted.")
        return Status.INTERRUPTED
    except Interrupted as interrupted:
        tell(f"Interrupted by {interrupted.signal.name}.")
        return 128 + interrupted.signal
    except BrokenPipeError:
        return _reader_left()
    except Exception:
        tell(traceback.format_exc() + "livecodebench: this is a bug; please report it with the lines above.")
        return Status.BUG
    return Status.OK


def _flushed(status: Status) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_left()
    return status


def _reader_left() -> int:
    """Nobody reads standard output any more (`| head`): end as any filter does, without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141
