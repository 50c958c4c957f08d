"""Figures of a pool for Prometheus, by Ray's own way: its agents serve them on every node as `ray_livecodebench_…`.

Few tags: the pool's name, and where it says something, a state or an outcome. Which process a figure comes from is
Ray's own tag; sums over it are the figures of the pool.
"""

from __future__ import annotations

import logging
from collections import Counter as Tally
from collections.abc import Sequence
from typing import Any, TypeVar

from ray.util.metrics import Counter, Gauge, Histogram

from lcb_ray.agent.protocol import ExecutionResult
from lcb_ray.batch import Case, Check, Checked
from lcb_ray.rules import events
from lcb_ray.rules.events import Event, Instruction, LeaseId
from lcb_ray.rules.placement import Sandbox
from lcb_ray.rules.state import PoolState

log = logging.getLogger(__name__)

C = TypeVar("C", bound=Checked)

_SECONDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]
SLOT_STATES = ("free", "lent", "dirty", "draining")


class PoolMetrics:
    """What the pool actor sees: slots, leases, losses.

    Args:
        pool: Its name.
    """

    def __init__(self, pool: str) -> None:
        tags = {"pool": pool}
        self._slots = _gauge("slots", "Slots of sandboxes that are up, by state", tags, "state")
        self._sandboxes = _gauge("sandboxes", "Sandboxes, by state", tags, "state")
        self._drivers = _gauge("drivers", "Drivers of the pool", tags)
        self._waiting = _gauge("leases_waiting", "Requests for a lease that wait", tags)
        self._granted = _counter("leases_granted", "Leases granted", tags)
        self._refused = _counter("leases_refused", "Requests refused, by reason", tags, "reason")
        self._retries = _counter("retries", "Requests of a batch that has lost a sandbox before", tags)
        self._losses = _counter("sandboxes_lost", "Sandboxes lost that had been up", tags)
        self._failures = _counter("sandboxes_not_started", "Sandboxes that failed to start, by why", tags, "why")
        self._resets = _counter("slots_reset", "Slots that were dirty and had to be reset", tags)
        self._wait = _histogram("lease_wait_seconds", "From request to lease", tags)
        self._hold = _histogram("lease_hold_seconds", "From lease to its end", tags)
        self._asked: dict[LeaseId, float] = {}
        self._lent: dict[LeaseId, float] = {}

    def seen(self, event: Event, out: Sequence[Instruction]) -> None:
        """Count an event, and what the rules answered."""
        match event:
            case events.LeaseAsked(lease=lease, avoid=avoid):
                self._asked.setdefault(lease, event.at)
                if avoid:
                    self._retries.inc()
            case events.LeaseReleased(lease=lease):
                self._over(lease, event.at)
            case events.SandboxGone():
                self._losses.inc()
            case events.SandboxFailed(final=final):  # final: its self-test failed, or its code or jail will never do
                self._failures.inc(tags={"why": "unusable" if final else "lost"})
            case _:
                pass
        for instruction in out:
            self._instructed(instruction, event.at)

    def _instructed(self, instruction: Instruction, at: float) -> None:
        match instruction:
            case events.Grant(lease=lease):
                self._granted.inc()
                self._wait.observe(at - self._asked.pop(lease, at))
                self._lent[lease] = at
            case events.Refuse(lease=lease, refusal=refusal):
                self._refused.inc(tags={"reason": str(refusal)})
                self._over(lease, at)
            case events.Revoke(lease=lease):
                self._over(lease, at)
            case events.Reset(lease=lease):
                self._resets.inc()
                self._over(lease, at)
            case _:
                pass

    def _over(self, lease: LeaseId, at: float) -> None:
        self._asked.pop(lease, None)
        if (since := self._lent.pop(lease, None)) is not None:
            self._hold.observe(at - since)

    def level(self, state: PoolState) -> None:
        """How things stand now. Also forgets the requests of drivers that went without a word."""
        slots, sandboxes = Tally[str](), Tally[str]()
        for sandbox in state.sandboxes:
            sandboxes["up" if sandbox.up else "starting"] += 1
            slots.update(slots_of(sandbox))
        for name in SLOT_STATES:
            self._slots.set(slots[name], tags={"state": name})
        for name in ("up", "starting"):
            self._sandboxes.set(sandboxes[name], tags={"state": name})
        self._drivers.set(len(state.drivers))
        self._waiting.set(len(state.waiting))
        for lease in [lease for lease in self._asked if lease not in state.waiting]:
            del self._asked[lease]


def tell(instruction: Instruction) -> None:
    """Log what the rules answered, where a lease has trouble; of those that go well the sandbox actors tell."""
    match instruction:
        case events.Refuse(driver=driver, lease=lease, refusal=refusal, reason=reason):
            log.warning("lease refused, %s: %s", refusal, reason, extra={"lease": lease, "driver": driver})
        case events.Revoke(driver=driver, lease=lease, reason=reason):
            log.warning("lease revoked: %s", reason, extra={"lease": lease, "driver": driver})
        case events.Reset(sandbox=sandbox, lease=lease):
            log.info("slot is dirty and is reset", extra={"lease": lease, "sandbox": sandbox})
        case _:
            pass


def slots_of(sandbox: Sandbox) -> dict[str, int]:
    """How many of its slots are in which of SLOT_STATES; together they are all of its slots."""
    lent = sum(lease.slots for lease in sandbox.leases.values())
    idle = max(sandbox.slots - sandbox.taken, 0)
    kept = "draining" if sandbox.draining else "free"
    return {"lent": lent, "dirty": sandbox.taken - lent, kept: idle}


class SandboxMetrics:
    """What a sandbox actor sees: executions.

    Args:
        pool: Its name.
    """

    def __init__(self, pool: str) -> None:
        tags = {"pool": pool}
        self._executions = _counter("executions", "Executions, by outcome", tags, "outcome")
        self._answers = _counter("answers", "Executions checked, by whether the answer was right", tags, "passed")
        self._cpu = _counter("program_cpu_seconds", "CPU time of programs", tags)
        self._wait = _counter("program_wait_seconds", "Time that programs waited for a CPU", tags)
        self._batches = _counter("batches", "Batches begun under a lease, by how that ended", tags, "end")
        self._submissions = _counter("submissions", "Batches that were finished, by verdict", tags, "verdict")

    def batch(self, end: str) -> None:
        """Work under a lease has ended: "done", or in an error of this name."""
        self._batches.inc(tags={"end": end})

    def submission(self, verdict: str) -> None:
        """A batch is finished; `lcb_ray.ray_pool.activity.verdict_of` has the words."""
        self._submissions.inc(tags={"verdict": verdict})

    def counting(self, check: Check[C]) -> Check[C]:
        """The same check, counted."""

        def counted(result: ExecutionResult, case: Case) -> C:
            checked = check(result, case)
            self._executions.inc(tags={"outcome": str(result.outcome)})
            self._answers.inc(tags={"passed": str(checked.passed).lower()})
            for counter, seconds in ((self._cpu, result.usage.cpu_s), (self._wait, result.usage.wait_s)):
                if seconds > 0:  # Ray refuses to add nothing
                    counter.inc(seconds)
            return checked

        return counted


def _gauge(name: str, words: str, tags: dict[str, str], *more: str) -> Gauge:
    return _tagged(Gauge(f"livecodebench_{name}", words, tag_keys=(*tags, *more)), tags)


def _counter(name: str, words: str, tags: dict[str, str], *more: str) -> Counter:
    return _tagged(Counter(f"livecodebench_{name}", words, tag_keys=(*tags, *more)), tags)


def _histogram(name: str, words: str, tags: dict[str, str]) -> Histogram:
    return _tagged(Histogram(f"livecodebench_{name}", words, boundaries=_SECONDS, tag_keys=tuple(tags)), tags)


M = TypeVar("M", Gauge, Counter, Histogram)


def _tagged(metric: M, tags: dict[str, str]) -> M:
    made: Any = metric
    made.set_default_tags(tags)
    return metric
