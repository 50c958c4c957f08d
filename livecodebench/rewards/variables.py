"""Environment variables that stand for arguments left out, under the names that the command's options have."""

from __future__ import annotations

import os

from livecodebench.errors import InputError, quoted


def setting(name: str, default: str) -> str:
    """The value of LIVECODEBENCH_<name>; the default where it is unset or empty."""
    return os.environ.get(f"LIVECODEBENCH_{name}") or default


def whole_number(name: str) -> int | None:
    """The value of LIVECODEBENCH_<name> as a number; None where it is unset or empty. Raises InputError."""
    value = setting(name, "")
    try:
        return int(value) if value else None
    except ValueError:
        raise InputError(f"LIVECODEBENCH_{name}: must be a whole number, is {quoted(value)}") from None


def is_set(name: str) -> bool:
    """Whether LIVECODEBENCH_<name> says yes: anything but nothing, 0, false and no."""
    return setting(name, "").lower() not in {"", "0", "false", "no"}
