"""What comes of looking for what nobody needs any more, containers or RayClusters alike."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Swept:
    """What a sweep came to.

    Attributes:
        removed: Names of what it has removed (or would have, where nothing was to be).
        kept: Names of what is in use, and by whom.
        failed: Names of what cannot be removed, and why.
    """

    removed: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
