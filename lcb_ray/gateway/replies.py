"""What the gateway's answers say, to its client."""

from __future__ import annotations

import json

from lcb_ray.errors import SandboxLost, SandboxUnusable
from lcb_ray.gateway.channel import Answer
from lcb_ray.gateway.codec import Codec, CodecError
from lcb_ray.gateway.protocol import Described, Done, Failed, Welcome
from lcb_ray.pool import SandboxInfo


def welcome_of(answer: Answer) -> Welcome:
    """The welcome that is in an answer. Raises SandboxUnusable."""
    try:
        fields = json.loads(answer.body)
        return Welcome.of(fields if isinstance(fields, dict) else {})
    except (ValueError, RecursionError) as error:
        raise SandboxUnusable(f"the gateway's welcome cannot be read: {error}") from None


def news_of(codec: Codec, frame: bytes) -> Done | Failed:
    """What has become of a batch. Raises CodecError."""
    news = codec.decode(frame, object)
    if not isinstance(news, (Done, Failed)):
        raise CodecError("it is neither a result nor a failure")
    return news


def info_of(codec: Codec, frame: bytes) -> SandboxInfo:
    """What the sandboxes are. Raises what the gateway says, SandboxLost where it cannot be read."""
    try:
        said = codec.decode(frame, object)
    except CodecError as error:
        raise SandboxLost(f"the gateway's answer cannot be read: {error}") from None
    if isinstance(said, Described):
        return said.info
    if isinstance(said, Failed):
        raise said.exception(codec)
    raise SandboxLost("the gateway's answer is of another kind")
