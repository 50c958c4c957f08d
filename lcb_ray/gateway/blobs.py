"""The cases that clients have sent, by the digest of their bytes: each kept once, as long as there is room. Pure.

What a batch under way needs is held and stays; of the rest the least recently used goes first.
"""

from __future__ import annotations

from collections import Counter, OrderedDict

BLOB_BYTES = 512 * 1024**2


class NoRoom(Exception):
    """What is held leaves no room for this now; batches that end will make some."""


class Blobs:
    """Bytes by digest.

    Args:
        most: Bytes kept; one blob that is larger can be kept alone.
    """

    def __init__(self, most: int = BLOB_BYTES) -> None:
        self._most = most
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._holders: Counter[str] = Counter()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, digest: str) -> bool:
        return digest in self._kept

    def room_for(self, size: int) -> bool:
        """Whether so many bytes could be kept, others let go."""
        held = sum(len(self._kept[digest]) for digest in self._holders)
        return held == 0 or held + size <= self._most

    def add(self, digest: str, data: bytes) -> None:
        """Keep these bytes; letting go of others where needed. Raises NoRoom."""
        if digest in self._kept:
            self._kept.move_to_end(digest)
            return
        if not self.room_for(len(data)):
            raise NoRoom
        for other in [digest for digest in self._kept if digest not in self._holders]:
            if self.bytes + len(data) <= self._most:
                break
            self.bytes -= len(self._kept.pop(other))
        self._kept[digest] = data
        self.bytes += len(data)

    def hold(self, digest: str) -> bytes | None:
        """The bytes, which stay until `release` is called as often; None where they are not here."""
        data = self._kept.get(digest)
        if data is not None:
            self._kept.move_to_end(digest)
            self._holders[digest] += 1
        return data

    def release(self, digest: str) -> None:
        """A batch that held them has ended."""
        self._holders[digest] -= 1
        if not self._holders[digest]:
            del self._holders[digest]

    def validate(self) -> None:
        """Check what must hold at any time; for tests."""
        assert self.bytes == sum(map(len, self._kept.values())), "bytes are counted"
        assert self._holders.keys() <= self._kept.keys(), "what is held stays"
        assert all(count > 0 for count in self._holders.values()), "nobody holds less than nothing"
        assert self.bytes <= self._most or len(self._kept) == 1, "there is a bound"
