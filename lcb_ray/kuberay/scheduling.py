"""Where pods may go: node selectors and tolerations, as users write them, as Kubernetes has them, what they match.

Pure, and on nothing of Kubernetes: nodes come in as documents of its API.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Selector = tuple[tuple[str, str], ...]  # label, value; sorted

_LABEL = re.compile(r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


class Effect(StrEnum):
    """What a taint does to pods that do not tolerate it."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


@dataclass(frozen=True, slots=True)
class Toleration:
    """Taints that a pod bears.

    Attributes:
        key: Of the taint.
        value: Of the taint; None: any.
        effect: Of the taint; None: any.
    """

    key: str
    value: str | None = None
    effect: Effect | None = None

    def as_document(self) -> dict[str, str]:
        """As a pod's specification has it."""
        how = {"operator": "Exists"} if self.value is None else {"operator": "Equal", "value": self.value}
        return {"key": self.key, **how} | ({"effect": str(self.effect)} if self.effect else {})


def parse_selector(text: str) -> Selector:
    """Labels like "disk=ssd,pool=sandbox". Raises ValueError saying how they are written."""
    found: dict[str, str] = {}
    for part in _parts(text):
        key, equals, value = part.partition("=")
        if not equals or not _LABEL.fullmatch(key) or not _VALUE.fullmatch(value) or key in found:
            raise ValueError(f"{part!r}: write labels as key=value, each once, with commas between them")
        found[key] = value
    return tuple(sorted(found.items()))


def parse_tolerations(text: str) -> tuple[Toleration, ...]:
    """Taints as `kubectl taint` writes them, "dedicated=sandbox:NoSchedule,spot". Raises ValueError."""
    found = []
    for part in _parts(text):
        taint, colon, effect = part.partition(":")
        key, equals, value = taint.partition("=")
        good = _LABEL.fullmatch(key) and _VALUE.fullmatch(value) and (not colon or effect in tuple(Effect))
        if not good:
            raise ValueError(
                f"{part!r}: write taints as `kubectl taint` does, key=value:NoSchedule, with commas between them; "
                f"value and effect ({', '.join(Effect)}) may be left out"
            )
        found.append(Toleration(key, value if equals else None, Effect(effect) if colon else None))
    return tuple(dict.fromkeys(found))


def bears(tolerations: Sequence[Mapping[str, Any]], taints: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a pod with these tolerations may be put on a node with these taints."""
    hard = [taint for taint in taints if taint["effect"] != Effect.PREFER_NO_SCHEDULE]
    return all(any(_bears(one, taint) for one in tolerations) for taint in hard)


def selected(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether a node with these labels is one of those that a pod asks for."""
    return all(labels.get(key) == value for key, value in selector.items())


def _bears(toleration: Mapping[str, Any], taint: Mapping[str, Any]) -> bool:
    if toleration.get("effect") not in (None, "", taint["effect"]):
        return False
    exists = toleration.get("operator") == "Exists"
    if not toleration.get("key"):
        return exists
    return bool(
        toleration["key"] == taint["key"] and (exists or (toleration.get("value") or "") == (taint.get("value") or ""))
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
