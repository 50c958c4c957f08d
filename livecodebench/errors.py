"""What can be wrong with what a user gave us.

    LiveCodeBenchError
    ├── InputError        a file, row, field or option is wrong: nothing was executed; exit status 2
    │   └── DatasetError  the same, in a dataset file
    └── OutputError       results cannot be written: disk full, no permission

Failures of the infrastructure are `lcb_ray.errors.SandboxError`; a program's failure is a value, never an exception.
Every message names the file, row, field or option and says what to do.
"""

from collections.abc import Iterable

from livecodebench.printable import printable


class LiveCodeBenchError(Exception):
    """Base of the errors that are the caller's to mend."""


class InputError(LiveCodeBenchError):
    """A file, row, field or option is wrong; the message names it and the fix."""


class DatasetError(InputError):
    """A dataset file is missing, damaged or not what it says; the message names file, line and field."""


class OutputError(LiveCodeBenchError):
    """Results cannot be written where the caller wants them."""


def quoted(text: str) -> str:
    """Quote a value of the input in a message: on one line, shortened, safe for a terminal."""
    return f'"{printable(text, limit=80)}"'


def listed(names: Iterable[str], limit: int = 100) -> str:
    """Join names for a message, sorted; past `limit` of them the rest is only counted."""
    ordered = sorted(names)
    tail = f" and {len(ordered) - limit} more" if len(ordered) > limit else ""
    return ", ".join(printable(name, limit=80) for name in ordered[:limit]) + tail
