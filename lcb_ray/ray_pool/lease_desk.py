"""A driver's line to the pool actor: asks for leases, gives them back, and outlives the pool actor's death.

One thread keeps in touch, by lcb_ray.ray_pool.exchange. Whatever was said may be lost with a pool actor; so after each
loss the driver joins again and says all of it again: what it still waits for, and what it holds.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import ray
from ray.actor import ActorHandle
from ray.exceptions import RayError

from lcb_ray.errors import PoolClosed, PoolUnavailable, SandboxError, SandboxUnusable
from lcb_ray.pool import SandboxInfo
from lcb_ray.ray_pool.exchange import Exchange, NotKnown
from lcb_ray.ray_pool.messages import Ask, Description, Introduction, Mail, Release, Welcome
from lcb_ray.ray_pool.pool_actor import PoolActor
from lcb_ray.ray_pool.sandbox_actor import SandboxActor
from lcb_ray.ray_pool.work import StaleLease
from lcb_ray.rules.events import Grant, LeaseId, Refusal, Refuse, Revoke, SandboxId

_CALL_S = 60.0  # for the pool actor to answer; after a restart it asks its sandboxes first
_AGAIN_S = 0.5  # between two attempts to reach it
_TURN_S = 1.0  # between two looks at what time has brought
_LATER_S = 1.0  # before a request that found the queue full is made again
_GOODBYE_S = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A lease that the driver holds.

    Attributes:
        epoch: Of the pool actor that granted it.
    """

    lease: LeaseId
    sandbox: SandboxId
    actor: ActorHandle[SandboxActor]
    epoch: int


@dataclass(slots=True, kw_only=True)
class Wish:
    """A lease that was asked for.

    Attributes:
        granted: The lease; raises PoolUnavailable, SandboxUnusable, PoolClosed. Cancel it, then release the lease.
        until: When to stop waiting, by time.monotonic.
    """

    lease: LeaseId
    alone: bool
    avoid: frozenset[SandboxId]
    until: float
    granted: Future[Granted] = field(default_factory=Future)

    def ask(self) -> Ask:
        """What to say to the pool actor."""
        within_s = max(self.until - time.monotonic(), 0.0)
        return Ask(lease=self.lease, alone=self.alone, avoid=self.avoid, within_s=within_s)

    def fail(self, error: SandboxError) -> None:
        """There will be no lease."""
        with suppress(InvalidStateError):  # it was cancelled, or has come after all
            self.granted.set_exception(error)


class LeaseDesk:
    """Asks for leases and gives them back. Safe to use from many threads.

    Args:
        find: Finds the pool actor, or makes it. Raises SandboxError where that will never work.
        check: Refuses a pool actor that runs other code. Raises SandboxUnusable.
        who: What to say of this driver.
        acquire_s: How long to wait for a lease.

    Attributes:
        capacity: Slots of the pool, once all its sandboxes are up.
    """

    def __init__(
        self,
        find: Callable[[], ActorHandle[PoolActor]],
        check: Callable[[ActorHandle[PoolActor]], None],
        who: Introduction,
        *,
        acquire_s: float,
    ) -> None:
        self._find = find
        self._check = check
        self._who = who
        self._acquire_s = acquire_s
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._wishes: dict[LeaseId, Wish] = {}
        self._postponed: dict[LeaseId, float] = {}  # for the desk's thread only: when to ask again
        self._held: set[LeaseId] = set()
        self._actors: dict[SandboxId, ActorHandle[SandboxActor]] = {}  # that the pool actor has told of
        self._exchange = Exchange(self._call)
        self._actor: ActorHandle[PoolActor] | None = None
        self._presence: Any = None  # lives as long as this process: that is how Ray tells the pool actor of its end
        self._epoch = self._seen = 0
        self._broken: SandboxError | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_in_touch, name="lease-desk", daemon=True)
        self.capacity = 1

    def open(self) -> None:
        """Join the pool, waiting for it. Raises SandboxUnusable, PoolUnavailable."""
        deadline = time.monotonic() + self._acquire_s
        while True:
            try:
                self._join()
                break
            except (RayError, NotKnown) as error:
                if time.monotonic() > deadline:
                    raise PoolUnavailable(f"the pool actor cannot be reached: {error}") from error
                time.sleep(_AGAIN_S)
        self._thread.start()

    def ask(self, *, alone: bool, avoid: frozenset[SandboxId]) -> Wish:
        """Ask for a lease. Raises SandboxError where none will ever come."""
        lease = LeaseId(f"{self._who.driver}/{next(self._numbers)}")
        wish = Wish(lease=lease, alone=alone, avoid=avoid, until=time.monotonic() + self._acquire_s)
        with self._lock:
            self.check()
            self._wishes[lease] = wish
        self._exchange.say(wish.ask())
        return wish

    def release(self, lease: LeaseId, *, dirty: bool) -> None:
        """Give a lease back, or take back the wish for it."""
        with self._lock:
            self._held.discard(lease)
            self._wishes.pop(lease, None)
        self._exchange.say(Release(lease, dirty))

    def check(self) -> None:
        """See that the pool may still answer. Raises SandboxError where it never will."""
        if self._broken is not None:
            raise self._broken

    def give_up(self, error: SandboxError) -> None:
        """The pool is lost: whoever waits, and whoever comes, gets this error."""
        self._closing.set()
        self._break(error)

    def describe(self) -> SandboxInfo:
        """What the sandboxes are; waits for the first. Raises SandboxUnusable, PoolUnavailable, PoolClosed."""
        deadline = time.monotonic() + self._acquire_s
        reason = "none has started yet"
        while time.monotonic() < deadline:
            self.check()
            try:
                asked: Any = self._known_actor().describe.remote()
                found: Description = ray.get(asked, timeout=_CALL_S)
            except RayError as error:
                reason = str(error)
                time.sleep(_AGAIN_S)
                continue
            if found.info is not None:
                return found.info
            if found.final:
                raise SandboxUnusable(found.failure)
            reason = found.failure or reason
        raise PoolUnavailable(f"no sandbox within {self._acquire_s:.0f} s: {reason}")

    def status(self) -> dict[str, Any]:
        """What goes on in the pool, for people. Raises RayError."""
        asked: Any = self._known_actor().status.remote()
        found: dict[str, Any] = ray.get(asked, timeout=_CALL_S)
        return found

    def close(self) -> None:
        """Give everything back, and say goodbye."""
        self._closing.set()
        self._break(PoolClosed("the pool is closed"))
        with suppress(RayError):
            ray.get(self._known_actor().leave.remote(self._who.driver), timeout=_GOODBYE_S)
        self._thread.join(_GOODBYE_S)

    def _known_actor(self) -> ActorHandle[PoolActor]:
        if self._actor is None:
            raise RuntimeError("the desk is not open")
        return self._actor

    def _call(self, words: tuple[Ask | Release, ...], tells_held: bool) -> Any:  # noqa: ANN401 - an ObjectRef
        with self._lock:
            held = frozenset(self._held) if tells_held else None
        called: Any = self._known_actor().exchange
        return called.remote(self._who.driver, self._seen, words, held)

    def _join(self) -> None:
        """Find the pool actor and tell it everything. Raises SandboxError, RayError, NotKnown."""
        actor = self._find()
        self._check(actor)
        presence: Any = actor.presence.remote(self._who.driver)
        with self._lock:
            self._exchange.begin()  # what is said from here on is said to this one
            who = replace(self._who, keeps=frozenset(self._held | self._wishes.keys()))
        welcome: Welcome | None = ray.get(actor.join.remote(who, [presence]), timeout=_CALL_S)
        if welcome is None:
            raise NotKnown("the pool is about to end")
        with self._lock:
            self._actor, self._presence, self._actors = actor, presence, {}
            self._epoch, self._seen, self.capacity = welcome.epoch, welcome.seen, welcome.capacity
            wishes = [wish.ask() for wish in self._wishes.values()]
        if wishes:
            self._exchange.say(*wishes)

    def _keep_in_touch(self) -> None:
        while not self._closing.is_set():
            try:
                self._ask_again()
                if mail := self._exchange.mail(expecting=bool(self._wishes), within_s=_TURN_S):
                    self._read(mail)
            except (RayError, NotKnown) as error:
                if not self._closing.is_set():
                    log.warning("driver %s lost the pool actor and joins again: %s", self._who.driver, error)
                    self._join_again()

    def _join_again(self) -> None:
        while not self._closing.is_set():
            try:
                self._join()
            except (RayError, NotKnown) as error:
                self._give_up_late(error)
                self._closing.wait(_AGAIN_S)
            except SandboxError as error:
                self.give_up(error)
            else:
                return

    def _read(self, mail: Mail) -> None:
        self.capacity = mail.capacity
        self._actors |= mail.actors
        new = mail.letters[max(len(mail.letters) - (mail.last - self._seen), 0) :]  # the others have been said before
        self._seen = max(self._seen, mail.last)
        revoked = {letter.lease for letter in new if isinstance(letter, Revoke)}
        for letter in new:
            if isinstance(letter, Grant):
                self._take(letter, None if letter.lease in revoked else self._actors.get(letter.sandbox))
            elif isinstance(letter, Refuse):
                self._refused(letter)
            elif isinstance(letter, Revoke):
                log.warning("lease %s was revoked: %s", letter.lease, letter.reason)
                with self._lock:
                    self._held.discard(letter.lease)

    def _take(self, grant: Grant, actor: ActorHandle[SandboxActor] | None) -> None:
        with self._lock:
            wish = self._wishes.pop(grant.lease, None)
            wanted = wish is not None and wish.granted.set_running_or_notify_cancel()
            if wanted:
                self._held.add(grant.lease)
        if wish is None or not wanted:
            self._exchange.say(Release(grant.lease, dirty=False))
        elif actor is None:
            wish.fail(StaleLease("the sandbox went away before its lease arrived"))
        else:
            granted = Granted(lease=grant.lease, sandbox=grant.sandbox, actor=actor, epoch=self._epoch)
            wish.granted.set_result(granted)

    def _refused(self, refuse: Refuse) -> None:
        with self._lock:
            wish = self._wishes.get(refuse.lease)
            now = time.monotonic()
            later = wish is not None and refuse.refusal is Refusal.QUEUE_FULL and now + _LATER_S < wish.until
            if not later:
                self._wishes.pop(refuse.lease, None)
        if later:
            self._postponed[refuse.lease] = now + _LATER_S
        elif wish is not None:
            kind = SandboxUnusable if refuse.refusal is Refusal.UNUSABLE else PoolUnavailable
            wish.fail(kind(f"no lease ({refuse.refusal}): {refuse.reason}"))

    def _ask_again(self) -> None:
        """A full queue is no failure: others are at work, and in time there is room."""
        due = [lease for lease, at in self._postponed.items() if at <= time.monotonic()]
        for lease in due:
            del self._postponed[lease]
        with self._lock:
            wishes = [wish.ask() for lease in due if (wish := self._wishes.get(lease)) is not None]
        if wishes:
            self._exchange.say(*wishes)

    def _give_up_late(self, error: Exception) -> None:
        """While the pool actor cannot be reached, nobody else ends the waiting of those who have waited too long."""
        now = time.monotonic()
        with self._lock:
            late = [self._wishes.pop(wish.lease) for wish in list(self._wishes.values()) if wish.until <= now]
        for wish in late:
            wish.fail(PoolUnavailable(f"the pool actor cannot be reached: {error}"))

    def _break(self, error: SandboxError) -> None:
        with self._lock:
            self._broken = error
            wishes = list(self._wishes.values())
            self._wishes.clear()
        for wish in wishes:
            wish.fail(error)
