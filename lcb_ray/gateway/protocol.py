"""What the gateway and its clients say to each other. Both sides import it; neither a server nor a client library.

    PUT    /sessions/ID                hello (JSON) -> welcome (JSON); the same again changes nothing
    DELETE /sessions/ID                goodbye: what waits and runs is cancelled
    GET    /sessions/ID/info           200 a Described or Failed, 202 not known yet: ask again
    PUT    /sessions/ID/batches/KEY    Posted -> 202, also the second time, when it brings the stored result again;
                                       409 {"need": digest} where cases lack, 409 {"key": "other"} where the key is
                                       another batch's, 410 {"key": "gone"} where its result is not stored any more
    DELETE /sessions/ID/batches/KEY    cancel; the batch ends as Failed
    POST   /sessions/ID/results        {"seen": [KEY, ...]} -> what has ended and was not seen; waits for the first
    POST   /sessions/ID/seen           the same, and no answer
    POST   /sessions/ID/stream         the same answers, one after the other as batches end, each behind its length in
                                       8 bytes; with no results where nothing has ended for POLL_S
    PUT    /blobs/SHA256               cases, compressed by zlib, kept as long as there is room
    GET    /status                     what goes on in the gateway, for people
    GET    /pools                      {"pools": [...]}: what goes on in the cluster's pools; see lcb_ray.pool_view
    GET    /use                        {"idle_s": seconds without a client of any domain or another driver of a pool,
                                       "users": [words, ...]}; users are told to the token without a name only
    GET    /healthz                    "ok"; needs no token and tells nothing

A token is that of a trust domain, and IDs, KEYs and cases are those of the domain: no other sees them. A client chooses
IDs and KEYs, so that everything can be said twice. An unknown session is answered with 404: the
gateway was started anew, or the client was silent for too long; it says hello again, and all its batches. 429 and 503
carry Retry-After. The form of hello and of its refusal never changes: it is what tells sides of different versions so.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lcb_ray.agent.protocol import ExecutionResult, Limits, Mode, Outcome, Program, Usage
from lcb_ray.batch import BatchResult, Case
from lcb_ray.errors import (
    PoolClosed,
    PoolUnavailable,
    ProtocolError,
    SandboxError,
    SandboxLost,
    SandboxOverloaded,
    SandboxUnusable,
)
from lcb_ray.gateway.codec import Codec
from lcb_ray.pool import SandboxInfo
from lcb_ray.rules.events import Priority

PROTOCOL = 1
TOKEN_VARIABLE = "LIVECODEBENCH_GATEWAY_TOKEN"
DEFAULT = "default"  # the trust domain of a token without a name
TOKEN_LENGTH = 16  # characters, at least
GATEWAY_HEADER = "LCB-Gateway"  # in every answer to a request with the token: a proxy's errors do not have it

MAX_HELLO_BYTES = 8 * 1024
MAX_POSTED_BYTES = 32 * 1024**2
MAX_SEEN_BYTES = 1024**2
MAX_BLOB_BYTES = 256 * 1024**2  # of cases, decompressed and not
MAX_ANSWER_BYTES = 2 * 1024**3
POLL_S = 20.0  # how long a request for results waits for one, and so how often a client is heard of
BLOCK = struct.Struct(">Q")  # the length of an answer in a stream

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_MOST = 100_000  # sandboxes, and slots: more is a mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What a client says of itself; see lcb_ray.ray_pool.driver.RayPool.

    Attributes:
        protocol: PROTOCOL.
        code: Its lcb_ray.code_version.
        pool: Name of the pool it wants; None: the gateway's own.
        label: Host and process, for people.
    """

    protocol: int
    code: str
    priority: Priority = Priority.EVALUATION
    pool_size: int | None = None
    slots: int | None = None
    pool: str | None = None
    label: str = ""

    def text(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """The gateway's answer, and how much a client may have under way.

    Attributes:
        epoch: Names the gateway; it is another number after it was started anew.
        window: Batches that may be posted and not have ended.
        capacity: Slots of the pool.
    """

    epoch: int
    window: int
    capacity: int

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Welcome:
        """From JSON; what else is in it is not looked at. Raises ValueError."""
        numbers = {name: fields.get(name) for name in ("epoch", "window", "capacity")}
        if not all(type(number) is int and number > 0 for number in numbers.values()):
            raise ValueError("the gateway's welcome cannot be read")
        return cls(**numbers)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A batch on its way to the gateway.

    Attributes:
        digest: SHA-256 of its cases' bytes, which travel by themselves.
        unpack: Makes cases of them; None where they are a frame of CaseList.
        arrange: See lcb_ray.batch.PackedCases.
    """

    program: Program
    check: Callable[..., Any]
    limits: Limits
    stop_at_failure: bool
    key: str
    digest: str
    unpack: Callable[..., Any] | None
    arrange: Callable[..., Any] | None


@dataclass(frozen=True, slots=True)
class CaseList:
    """Cases that were not packed."""

    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A batch has ended."""

    result: BatchResult[Any]


@dataclass(frozen=True, slots=True)
class Described:
    """What the sandboxes are."""

    info: SandboxInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """An exception instead of a result.

    Attributes:
        error: Its class, by its name in the codec; empty where it has none there.
        message: Its words.
        attempts: See lcb_ray.errors.SandboxError.
        cancelled: It was the client's own wish.
    """

    error: str = ""
    message: str = ""
    attempts: int = 1
    cancelled: bool = False

    @classmethod
    def of(cls, error: BaseException, codec: Codec) -> Failed:
        """What to say of an exception."""
        name = codec.error_name(error)
        message = str(error.args[0]) if len(error.args) == 1 else str(error)
        words = message if name else f"{type(error).__name__}: {message}"
        return cls(error=name, message=words[:10_000], attempts=getattr(error, "attempts", 1))

    def exception(self, codec: Codec) -> Exception:
        """The exception again; a RuntimeError with its words where its class does not travel."""
        error = codec.error(self.error, self.message) or RuntimeError(self.message)
        if isinstance(error, SandboxError):
            error.attempts = self.attempts
        return error


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The first line of an answer to a request for results; the frames follow it.

    Attributes:
        window, capacity: See Welcome.
        results: Key and length of each frame.
    """

    window: int
    capacity: int
    results: tuple[tuple[str, int], ...] = field(default=())

    def line(self) -> bytes:
        """As JSON."""
        return json.dumps(asdict(self)).encode() + b"\n"


def read_ended(answer: bytes) -> tuple[Ended, dict[str, bytes]]:
    """The counterpart of Ended.line and the frames after it. Raises ValueError."""
    line, _, frames = answer.partition(b"\n")
    fields = _object(line)
    window, capacity, results = fields.get("window"), fields.get("capacity"), fields.get("results")
    if type(window) is not int or type(capacity) is not int or not isinstance(results, list):
        raise ValueError("the gateway's answer cannot be read")
    found: dict[str, bytes] = {}
    place = 0
    for key, length in results:
        if not is_name(key) or type(length) is not int or length < 0:
            raise ValueError("the gateway's answer has a result without a key or a length")
        found[key] = frames[place : place + length]
        place += length
    if place != len(frames):
        raise ValueError("the gateway's answer is shorter or longer than it says")
    return Ended(window=max(window, 1), capacity=max(capacity, 1), results=tuple(map(tuple, results))), found


def read_hello(text: bytes) -> Hello:
    """The counterpart of Hello.text. Raises ValueError, which says what is wrong."""
    fields = _object(text)
    protocol, code = fields.get("protocol"), fields.get("code")
    if type(protocol) is not int or not isinstance(code, str):
        raise ValueError("hello needs the numbers of protocol and code")
    if protocol != PROTOCOL:  # the rest may be of another form
        return Hello(protocol=protocol, code=code[:100])
    sizes = {name: fields.get(name) for name in ("pool_size", "slots")}
    for name, size in sizes.items():
        if size is not None and (type(size) is not int or not 1 <= size <= _MOST):
            raise ValueError(f"{name} must be a number from 1 to {_MOST}")
    pool, label = fields.get("pool"), fields.get("label", "")
    if pool is not None and not is_name(pool):
        raise ValueError("the pool's name is to have up to 100 letters, digits, dots, dashes and underscores")
    if not isinstance(label, str):
        raise ValueError("the label is no text")
    return Hello(
        protocol=protocol,
        code=code[:100],
        priority=Priority(fields.get("priority", Priority.EVALUATION)),
        pool=pool,
        label="".join(one if one.isprintable() else "?" for one in label[:200]),
        **sizes,
    )


def read_seen(text: bytes) -> Sequence[str]:
    """The keys of results that a client has. Raises ValueError."""
    seen = _object(text).get("seen", [])
    if not isinstance(seen, list) or not all(map(is_name, seen)):
        raise ValueError("seen must be a list of keys")
    return seen


def is_name(word: object) -> bool:
    """Whether it can be the name of a session, a batch or a pool."""
    return isinstance(word, str) and _NAME.fullmatch(word) is not None


def with_messages(codec: Codec) -> Codec:
    """The codec, which also knows what is said here."""
    return codec.joined(_MESSAGES)


def _object(text: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("this is no JSON") from None
    if not isinstance(fields, dict):
        raise ValueError("this is no JSON object")
    return fields


_MESSAGES = Codec(
    types=(
        *(Program, Mode, Limits, Outcome, Usage, ExecutionResult, Case, BatchResult, SandboxInfo),
        *(Posted, CaseList, Done, Described, Failed),
    ),
    errors=(
        *(SandboxError, SandboxLost, SandboxOverloaded, SandboxUnusable, PoolUnavailable, PoolClosed, ProtocolError),
        *(ArithmeticError, AssertionError, AttributeError, IndexError, KeyError, LookupError, MemoryError),
        *(NotImplementedError, OSError, OverflowError, RecursionError, RuntimeError, TypeError, ValueError),
    ),
)
