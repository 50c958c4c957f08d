"""What goes on in a pool, as data for whoever looks on: told by a pool actor, carried as JSON, read with suspicion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

_MOST_TEXT = 200
_MOST_ITEMS = 10_000


class ViewError(ValueError):
    """What came is no view of a pool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A batch that came to its end.

    Attributes:
        key: Of the batch: the problem and the sample.
        verdict: In one word.
        ago_s: Since then.
        host: Where it ran.
        sandbox: On which of the pool's; 0 where that is not known.
    """

    key: str
    verdict: str
    ago_s: float
    host: str = ""
    sandbox: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A batch under way.

    Attributes:
        for_s: How long it has been, on this sandbox.
    """

    key: str
    for_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxView:
    """One sandbox.

    Attributes:
        id: Its number in the pool.
        host: Machine or pod; empty until it is up.
        state: "starting", "up", "draining", or "silent" where its actor did not answer in time.
        slots, taken: Of it, and of those the ones that are lent or dirty.
        verdicts: Batches finished here, by verdict, since its actor started.
        errors: Batches that a failure of the infrastructure ended here.
        last_minute: Batches finished in the last 60 s.
        running: Under way here.
        network: Whether network policies are enforced, as it has found out: "enforced", "not enforced", or more words;
            empty outside pods, and until it has tried.
    """

    id: int
    host: str
    state: str
    slots: int
    taken: int
    verdicts: dict[str, int]
    errors: int
    last_minute: int
    running: tuple[Running, ...]
    network: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverView:
    """One driver.

    Attributes:
        id: Its name in the pool's log.
        label: Host and process.
        priority: "evaluation" or "training".
        waiting, held: Its requests that wait, and its leases.
    """

    id: str
    label: str
    priority: str
    waiting: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolView:
    """One pool.

    Attributes:
        pool: Its name.
        target: Sandboxes that it wants; 0 where nobody uses it.
        slots: By state: free, lent, dirty, draining.
        waiting: Requests for a slot that wait.
        failure: Why the last sandbox that failed to start did; empty where none did since one came up.
        recent: The last batches finished, newest first.
    """

    pool: str
    target: int
    slots: dict[str, int]
    waiting: int
    failure: str
    drivers: tuple[DriverView, ...]
    sandboxes: tuple[SandboxView, ...]
    recent: tuple[Finished, ...]

    @property
    def verdicts(self) -> dict[str, int]:
        """Batches finished, by verdict, of all sandboxes that are there."""
        found: dict[str, int] = {}
        for sandbox in self.sandboxes:
            for verdict, count in sandbox.verdicts.items():
                found[verdict] = found.get(verdict, 0) + count
        return found

    def as_json(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def of(cls, fields: object) -> PoolView:
        """From JSON; texts are cut to a bounded length, what else is there is not looked at. Raises ViewError."""
        found = _object(fields)
        return cls(
            pool=_text(found, "pool"),
            target=_count(found, "target"),
            slots=_counts(found, "slots"),
            waiting=_count(found, "waiting"),
            failure=_text(found, "failure"),
            drivers=tuple(_driver(one) for one in _list(found, "drivers")),
            sandboxes=tuple(_sandbox(one) for one in _list(found, "sandboxes")),
            recent=tuple(_finished(one) for one in _list(found, "recent")),
        )


def _driver(fields: object) -> DriverView:
    one = _object(fields)
    return DriverView(
        id=_text(one, "id"),
        label=_text(one, "label"),
        priority=_text(one, "priority"),
        waiting=_count(one, "waiting"),
        held=_count(one, "held"),
    )


def _sandbox(fields: object) -> SandboxView:
    one = _object(fields)
    return SandboxView(
        id=_count(one, "id"),
        host=_text(one, "host"),
        state=_text(one, "state"),
        slots=_count(one, "slots"),
        taken=_count(one, "taken"),
        verdicts=_counts(one, "verdicts"),
        errors=_count(one, "errors"),
        last_minute=_count(one, "last_minute"),
        running=tuple(
            Running(key=_text(run, "key"), for_s=_seconds(run, "for_s")) for run in map(_object, _list(one, "running"))
        ),
        network=_text(one, "network"),
    )


def _finished(fields: object) -> Finished:
    one = _object(fields)
    return Finished(
        key=_text(one, "key"),
        verdict=_text(one, "verdict"),
        ago_s=_seconds(one, "ago_s"),
        host=_text(one, "host"),
        sandbox=_count(one, "sandbox"),
    )


def _object(fields: object) -> Mapping[str, Any]:
    if not isinstance(fields, Mapping):
        raise ViewError("an object was expected in a pool's view")
    return fields


def _text(fields: Mapping[str, Any], name: str) -> str:
    if not isinstance(value := fields.get(name), str):
        raise ViewError(f"{name!r} of a pool's view is no text")
    return value[:_MOST_TEXT]


def _count(fields: Mapping[str, Any], name: str) -> int:
    if type(value := fields.get(name)) is not int or value < 0:
        raise ViewError(f"{name!r} of a pool's view is no count")
    return value


def _seconds(fields: Mapping[str, Any], name: str) -> float:
    value = fields.get(name)
    if type(value) not in (int, float) or not 0 <= value < 1e12:  # type: ignore[operator]
        raise ViewError(f"{name!r} of a pool's view is no time")
    return float(value)  # type: ignore[arg-type]


def _list(fields: Mapping[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    if not isinstance(value, list | tuple):
        raise ViewError(f"{name!r} of a pool's view is no list")
    return list(value[:_MOST_ITEMS])


def _counts(fields: Mapping[str, Any], name: str) -> dict[str, int]:
    counts = _object(fields.get(name))
    return {str(key)[:_MOST_TEXT]: _count(counts, key) for key in list(counts)[:_MOST_ITEMS]}
