"""The cases of a batch on their way to another process: read, sent and decoded once for many batches.

Small ones travel with each batch. Large ones are put where the sandboxes can fetch them, once for each content, and a
sandbox keeps what it has decoded for the next batch of the same problem. Both sides hold a bounded number of bytes.
Knows no Ray: putting and fetching are functions.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lcb_ray.batch import Batch, Case

INLINE_BYTES = 100_000  # above it Ray, too, moves an argument to its object store
SHELF_BYTES = 64 * 1024**2  # of packed tests that a driver keeps put
DECODED_BYTES = 64 * 1024**2  # of decoded tests that a sandbox keeps
_MOST_KEYS = 4096  # problems whose tests a driver recognises without reading them


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What travels for the cases of one batch.

    Attributes:
        unpack: Makes the cases of the content.
        arrange: Makes the batch's cases of those; None: it has the same.
        digest: Of the content; empty where it is not worth remembering.
        content: The content itself where it is small, else None.
        put: Where the content was put, in a tuple, so that nothing fetches it before it is needed; empty where small.
    """

    unpack: Callable[[Any], Sequence[Case]]
    arrange: Callable[[Sequence[Case]], Sequence[Case]] | None = None
    digest: str = ""
    content: object = None
    put: tuple[object, ...] = ()


class Shelf:
    """The driver's side: parcels that are ready to go. Safe to use from many threads.

    Args:
        put: Puts bytes or cases where sandboxes can fetch them; what it returns keeps them there while it is held.
        inline_bytes: The longest content that travels with the batch.
        shelf_bytes: Contents kept at most; the one that is used now is kept whatever its length.
    """

    def __init__(
        self, put: Callable[[object], object], *, inline_bytes: int = INLINE_BYTES, shelf_bytes: int = SHELF_BYTES
    ) -> None:
        self._put = put
        self._inline_bytes = inline_bytes
        self._shelf_bytes = shelf_bytes
        self._lock = threading.Lock()  # held while tests are read and put, so that it happens once
        self._digests: OrderedDict[Hashable, str] = OrderedDict()
        self._parcels: OrderedDict[str, tuple[Parcel, int]] = OrderedDict()
        self._bytes = 0

    def parcel(self, batch: Batch[Any]) -> Parcel:
        """The batch's cases, ready to go. Raises what reading them raises."""
        packed = batch.packed
        if packed is None:
            return self._wrapped(batch.cases())
        with self._lock:
            kept = self._parcels.get(self._digests.get(packed.key, ""))
            if kept is not None:
                self._parcels.move_to_end(kept[0].digest)
                found = kept[0]
            else:
                found = self._keep(packed.key, packed.read(), packed.unpack)
        return replace(found, arrange=packed.arrange)

    def forget(self, parcel: Parcel) -> None:
        """It may not have arrived: the next batch puts it anew."""
        with self._lock:
            if parcel.digest in self._parcels:
                self._bytes -= self._parcels.pop(parcel.digest)[1]

    def _wrapped(self, cases: Sequence[Case]) -> Parcel:
        size = sum(len(case.input) + _size(case.expected) for case in cases)
        if size <= self._inline_bytes:
            return Parcel(unpack=tuple, content=cases)
        return Parcel(unpack=tuple, put=(self._put(cases),))

    def _keep(self, key: Hashable, data: bytes, unpack: Callable[[bytes], Sequence[Case]]) -> Parcel:
        digest = hashlib.sha256(data).hexdigest()
        self._digests[key] = digest
        if len(self._digests) > _MOST_KEYS:
            self._digests.popitem(last=False)
        if digest not in self._parcels:
            if len(data) <= self._inline_bytes:
                made = Parcel(unpack=unpack, digest=digest, content=data)
            else:
                made = Parcel(unpack=unpack, digest=digest, put=(self._put(data),))
            self._parcels[digest] = (made, len(data))
            self._bytes += len(data)
        while self._bytes > self._shelf_bytes and len(self._parcels) > 1:
            _, (_, size) = self._parcels.popitem(last=False)
            self._bytes -= size
        return self._parcels[digest][0]


class Opened:
    """The sandbox's side: cases of parcels, those of the last ones remembered. Safe to use from many threads.

    Args:
        fetch: Fetches what `put` put.
        decoded_bytes: Inputs and expected values kept at most.
    """

    def __init__(self, fetch: Callable[[object], object], *, decoded_bytes: int = DECODED_BYTES) -> None:
        self._fetch = fetch
        self._decoded_bytes = decoded_bytes
        self._lock = threading.Lock()  # held while tests are decoded: two at once would take turns anyway
        self._kept: OrderedDict[str, tuple[Sequence[Case], int]] = OrderedDict()
        self._bytes = 0

    def cases(self, parcel: Parcel) -> Sequence[Case]:
        """The cases. Raises what fetching, unpacking and arranging them raise."""
        with self._lock:
            cases = self._unpacked(parcel)
        return cases if parcel.arrange is None else parcel.arrange(cases)

    def _unpacked(self, parcel: Parcel) -> Sequence[Case]:
        if parcel.digest in self._kept:
            self._kept.move_to_end(parcel.digest)
            return self._kept[parcel.digest][0]
        content = self._fetch(parcel.put[0]) if parcel.put else parcel.content
        cases = parcel.unpack(content)
        if parcel.digest:
            self._keep(parcel.digest, cases)
        return cases

    def _keep(self, digest: str, cases: Sequence[Case]) -> None:
        size = sum(len(case.input) + _size(case.expected) for case in cases)
        if size > self._decoded_bytes:
            return
        self._kept[digest] = (cases, size)
        self._bytes += size
        while self._bytes > self._decoded_bytes:
            self._bytes -= self._kept.popitem(last=False)[1][1]


def _size(expected: object) -> int:
    return len(expected) if isinstance(expected, str | bytes) else 0
