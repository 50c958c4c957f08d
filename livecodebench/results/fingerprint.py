"""What decides the verdicts of a run, so that a resumed run cannot mix two kinds of them.

Left out on purpose: where the programs run (backend, number of slots) and with which Python. A run may be finished
on another machine; what its sandboxes were is recorded beside the verdicts, session by session.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from lcb_ray.agent.protocol import Limits
from livecodebench.distribution import our_version
from livecodebench.judging.calibration import REFERENCE_S


def normalised(fingerprint: Mapping[str, Any]) -> dict[str, Any]:
    """A fingerprint as it will be read back from run.json: JSON's types only, keys sorted."""
    value: dict[str, Any] = json.loads(json.dumps(fingerprint, sort_keys=True))
    return value


def of_grading(
    *,
    dataset: Mapping[str, Any],
    generations_sha256: str,
    grading: str,
    all_tests: bool,
    limits: Limits,
    extraction: str,
    calibrate: bool = False,
) -> dict[str, Any]:
    """The fingerprint of a run of `grade`.

    Args:
        dataset: Its name, revision and filters.
        generations_sha256: Of the file of answers.
        grading: "standard", or the official grader to be followed.
        all_tests: Whether tests after the first failure are run.
        limits: For each test.
        extraction: The rule by which programs are found in completions.
        calibrate: Whether time limits are in the reference machine's seconds.
    """
    return {
        "dataset": {name: dataset[name] for name in ("name", "revision", "filters")},
        "generations_sha256": generations_sha256,
        "grading": grading,
        "all_tests": all_tests,
        "limits": limits_json(limits),
        **calibration_json(calibrate),
        "extraction": extraction,
        "version": our_version(),
    }


def limits_json(limits: Limits) -> dict[str, Any]:
    """Limits as a fingerprint has them: without the one that only tells when the machine is too slow."""
    return {name: value for name, value in asdict(limits).items() if name != "overload_wall_s"}


def calibration_json(calibrate: bool) -> dict[str, Any]:
    """What a fingerprint has of calibration: the reference. What is measured belongs to a session, like its Python."""
    return {"calibrate": {"reference_s": REFERENCE_S}} if calibrate else {}


def differences(stored: Mapping[str, Any], asked: Mapping[str, Any]) -> list[str]:
    """What two fingerprints do not agree on, a line per field; empty where they are the same."""
    before, now = dict(_fields(normalised(stored))), dict(_fields(normalised(asked)))
    revision = before.get("dataset.revision", "")
    if revision.startswith('"sha256:') and revision == now.get("dataset.revision"):
        before["dataset.name"] = now["dataset.name"]  # the same content, whatever the path to it
    lines = []
    for name in sorted(before.keys() | now.keys()):
        was, wants = before.get(name, "(not set)"), now.get(name, "(not set)")
        if was != wants:
            lines.append(f"{name}: {was} there, {wants} now")
    return lines


def _fields(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, entry in value.items():
        if isinstance(entry, dict):
            yield from _fields(entry, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", json.dumps(entry)
