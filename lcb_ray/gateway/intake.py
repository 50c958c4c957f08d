"""What a client sends, checked and made into what a pool takes."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from functools import partial
from typing import Any

from lcb_ray.agent.protocol import WireError, program_fields, read_program
from lcb_ray.batch import Batch, Case, PackedCases
from lcb_ray.gateway.codec import Codec
from lcb_ray.gateway.protocol import MAX_BLOB_BYTES, CaseList, Posted
from lcb_ray.gateway.refusal import Refusal


def check(posted: Posted) -> None:
    """Refuse a program that no agent would take. Raises Refusal."""
    try:
        read_program(program_fields(posted.program, posted.limits), posted.program.source)
    except WireError as error:
        raise Refusal(400, str(error)) from None


def batch_of(posted: Posted, data: bytes, codec: Codec) -> Batch[Any]:
    """The batch, whose cases are in these bytes: read when they are wanted, where they are wanted."""

    def cases() -> Sequence[Case]:
        if posted.unpack is None:
            return codec.decode(data, CaseList).cases
        unpacked: Sequence[Case] = posted.unpack(data)
        arranged: Sequence[Case] = unpacked if posted.arrange is None else posted.arrange(unpacked)
        return arranged

    packed = None
    if posted.unpack is not None:
        packed = PackedCases(key=posted.digest, read=partial(bytes, data), unpack=posted.unpack, arrange=posted.arrange)
    return Batch(
        program=posted.program,
        cases=cases,
        check=posted.check,
        limits=posted.limits,
        stop_at_failure=posted.stop_at_failure,
        key=posted.key,
        packed=packed,
    )


def unpacked(digest: str, compressed: bytes) -> bytes:
    """Cases, decompressed, which must be those of the digest. Raises Refusal."""
    reader = zlib.decompressobj()
    try:
        data = reader.decompress(compressed, MAX_BLOB_BYTES)
    except zlib.error as error:
        raise Refusal(400, f"the cases cannot be decompressed: {error}") from None
    if reader.unconsumed_tail:
        raise Refusal(413, f"the cases have more than {MAX_BLOB_BYTES} bytes")
    if not reader.eof or hashlib.sha256(data).hexdigest() != digest:
        raise Refusal(400, "the cases are not those of this digest")
    return data
