"""The rules for the gateway's clients: which batches each has under way, and which results wait for it. Pure.

A key names a batch for ever: said again it changes nothing, and brings the same result again where that was seen.
Results wait until the client says that it has seen them, and are stored a while longer.
"""

from __future__ import annotations

import enum
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

_MOST_SENT = 10_000  # results on their way to a client, or there, of which it does not say that it has seen them
_MOST_SEEN = 10_000  # keys remembered after their results were seen: a request for one may still be on its way


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRules:
    """Sizes and times.

    Attributes:
        sessions: Clients at once, of one trust domain.
        batches: Posted and not sent again, of one client.
        kept_bytes: Results that wait for one client; where there are more, it can post nothing.
        silence_s: A client that is not heard of for so long has gone.
        dropped_s: The same, once its connection has broken.
        answer_bytes: Results in one answer; there is always one.
        stored_bytes: Results of one client that were seen, and are kept for whoever says their keys again.
        requests_per_s: Batches, cases and clients that one trust domain may bring.
        bytes_per_s: The same, in bytes.
    """

    sessions: int = 256
    batches: int = 1024
    kept_bytes: int = 256 * 1024**2
    silence_s: float = 60.0
    dropped_s: float = 20.0
    answer_bytes: int = 64 * 1024**2
    stored_bytes: int = 16 * 1024**2
    requests_per_s: float = 2_000.0
    bytes_per_s: float = 256.0 * 1024**2


class Admission(enum.Enum):
    """Whether a batch is taken on.

    Attributes:
        NEW: It is.
        KNOWN: Its key is known: it runs, or its result waits, now again if need be.
        FULL: There is no room now.
        OTHER: Its key is known, and is another batch's.
        GONE: It has ended, its result was seen, and is not stored any more.
    """

    NEW = enum.auto()
    KNOWN = enum.auto()
    FULL = enum.auto()
    OTHER = enum.auto()
    GONE = enum.auto()


@dataclass(slots=True)
class Session:
    """One client."""

    rules: SessionRules
    heard: float
    running: set[str] = field(default_factory=set)
    _ended: dict[str, bytes] = field(default_factory=dict)
    _seen: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _stored: OrderedDict[str, bytes] = field(default_factory=OrderedDict)  # of what was seen
    _contents: dict[str, bytes] = field(default_factory=dict)
    _sent: set[str] = field(default_factory=set)
    _dropped: float | None = None
    kept_bytes: int = 0
    stored_bytes: int = 0

    def hear(self, at: float) -> None:
        """It is alive."""
        self.heard, self._dropped = at, None

    def drop(self, at: float) -> None:
        """Its connection broke while it waited for results."""
        self._dropped = at

    def gone(self, at: float) -> bool:
        """Whether it has been silent for too long."""
        if self._dropped is not None and at >= self._dropped + self.rules.dropped_s:
            return True
        return at >= self.heard + self.rules.silence_s

    def full(self, key: str) -> bool:
        """Whether a batch of this key would not be taken on for want of room, whatever it is."""
        waiting = len(self.running) + len(self._ended) - len(self._sent)
        full = waiting >= self.rules.batches or len(self._sent) >= _MOST_SENT
        return (full or self.kept_bytes > self.rules.kept_bytes) and key not in self._contents

    def admission(self, key: str, content: bytes) -> Admission:
        """What becomes of a batch of this key, whose content has this digest."""
        known = self._contents.get(key)
        if known is None:
            return Admission.FULL if self.full(key) else Admission.NEW
        if known != content:
            return Admission.OTHER
        if key not in self._seen:
            return Admission.KNOWN
        frame = self._stored.pop(key, None)
        if frame is None:
            return Admission.GONE
        del self._seen[key]
        self.stored_bytes -= len(frame)
        self._ended[key] = frame
        self.kept_bytes += len(frame)
        return Admission.KNOWN

    def begin(self, key: str, content: bytes) -> None:
        """A batch that was NEW is under way."""
        self.running.add(key)
        self._contents[key] = content

    def end(self, key: str, frame: bytes) -> None:
        """A batch has ended; the frame tells how."""
        if key in self.running:
            self.running.discard(key)
            self._ended[key] = frame
            self.kept_bytes += len(frame)

    def see(self, keys: Iterable[str]) -> None:
        """The client has these results."""
        for key in keys:
            self._sent.discard(key)
            frame = self._ended.pop(key, None)
            if frame is not None:
                self.kept_bytes -= len(frame)
                self._seen[key], self._stored[key] = None, frame
                self.stored_bytes += len(frame)
        self._forget()

    def _forget(self) -> None:
        """Let go of the results that were seen first, then of their keys."""
        while self.stored_bytes > self.rules.stored_bytes:
            self.stored_bytes -= len(self._stored.popitem(last=False)[1])
        while len(self._seen) > _MOST_SEEN:
            key, _ = self._seen.popitem(last=False)
            self.stored_bytes -= len(self._stored.pop(key, b""))
            del self._contents[key]

    def begin_stream(self) -> None:
        """A stream begins: in it nothing was sent yet."""
        self._sent.clear()

    def send(self, keys: Iterable[str]) -> None:
        """These results are sent in the stream."""
        self._sent.update(keys)

    def results(self, *, unsent: bool = False) -> Sequence[tuple[str, bytes]]:
        """What has ended and was not seen, the first first, as much as goes into one answer.

        Args:
            unsent: Only what the stream has not brought yet.
        """
        found: list[tuple[str, bytes]] = []
        size = 0
        for key, frame in self._ended.items():
            if unsent and key in self._sent:
                continue
            if found and size + len(frame) > self.rules.answer_bytes:
                break
            found.append((key, frame))
            size += len(frame)
        return found

    @property
    def waiting(self) -> int:
        """Results that were not seen."""
        return len(self._ended)

    def validate(self) -> None:
        """Check what must hold at any time; for tests."""
        assert not self.running & self._ended.keys(), "a batch runs or has ended"
        assert not self._seen.keys() & (self.running | self._ended.keys()), "what was seen is over"
        assert self.kept_bytes == sum(map(len, self._ended.values())), "bytes are counted"
        assert self.stored_bytes == sum(map(len, self._stored.values())), "bytes are counted"
        assert self.stored_bytes <= self.rules.stored_bytes, "what is stored has a bound"
        assert self._stored.keys() <= self._seen.keys(), "only what was seen is stored"
        assert self._contents.keys() == self.running | self._ended.keys() | self._seen.keys(), "all keys are known"
        assert self._sent <= self._ended.keys(), "what is sent waits"
        assert len(self.running) + len(self._ended) <= self.rules.batches + _MOST_SENT, "there is a bound"


class Sessions:
    """All clients, by their domains and the IDs that they chose: "DOMAIN/ID"."""

    def __init__(self, rules: SessionRules) -> None:
        self._rules = rules
        self._sessions: dict[str, Session] = {}

    def __iter__(self) -> Iterator[tuple[str, Session]]:
        return iter(list(self._sessions.items()))

    def __len__(self) -> int:
        return len(self._sessions)

    def get(self, id: str) -> Session | None:
        """The client of this ID."""
        return self._sessions.get(id)

    def open(self, id: str, at: float) -> Session | None:
        """The client of this ID, new or not. None where its domain has too many."""
        if id not in self._sessions:
            domain = id.partition("/")[0]
            if sum(one.partition("/")[0] == domain for one in self._sessions) >= self._rules.sessions:
                return None
            self._sessions[id] = Session(self._rules, at)
        self._sessions[id].hear(at)
        return self._sessions[id]

    def close(self, id: str) -> None:
        """Forget a client."""
        self._sessions.pop(id, None)

    def gone(self, at: float) -> list[str]:
        """Those who have been silent for too long."""
        return [id for id, session in self._sessions.items() if session.gone(at)]
