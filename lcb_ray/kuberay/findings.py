"""What a look at a cluster has found, before anything is created: each point with how it stands and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lcb_ray.errors import BadSetting, SandboxUnusable


class Health(StrEnum):
    """How a point stands.

    Attributes:
        OK: Seen to be right.
        NOTE: Works, and is to be known.
        UNKNOWN: Cannot be seen without creating something; the finding says what will tell.
        SETTING: A setting is wrong: it does not fit this cluster.
        FAIL: The cluster lacks something, or cannot be reached.
    """

    OK = "ok"
    NOTE = "note"
    UNKNOWN = "unknown"
    SETTING = "setting"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One point.

    Attributes:
        name: Of the point.
        health: How it stands.
        found: What was seen.
        fix: What to do, or what will tell; empty where there is nothing.
    """

    name: str
    health: Health
    found: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.found}" + (f": {self.fix}" if self.fix else "")


def failed(findings: Iterable[Finding]) -> list[Finding]:
    """Those that keep a pool from coming up."""
    return [one for one in findings if one.health in (Health.SETTING, Health.FAIL)]


def check(findings: Sequence[Finding]) -> None:
    """Raises BadSetting, SandboxUnusable with all that is wrong."""
    if wrong := failed(findings):
        kind = BadSetting if any(one.health is Health.SETTING for one in wrong) else SandboxUnusable
        raise kind("nothing was created. " + "; ".join(map(str, wrong)))
