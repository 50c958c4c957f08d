"""run.json: what a run was asked to do, and which sandboxes its sessions had."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lcb_ray.pool import SandboxInfo
from livecodebench.errors import InputError
from livecodebench.files.durable import replacing
from livecodebench.judging.calibration import Calibration
from livecodebench.results.fingerprint import normalised
from livecodebench.results.plan import Plan

SCHEMA = 1
NAME = "run.json"


@dataclass(slots=True)
class RunFile:
    """The content of run.json.

    Attributes:
        fingerprint: Everything that decides verdicts; its "dataset" has name, revision and filters.
        plan: What there is to judge.
        sessions: A start or resumption each that had a sandbox: when, and what the sandbox was.
    """

    fingerprint: Mapping[str, Any]
    plan: Plan
    sessions: list[dict[str, Any]] = field(default_factory=list)

    def add_session(self, info: SandboxInfo, calibration: Calibration | None = None) -> None:
        """Note that judging starts, now and on these sandboxes, with time limits scaled where they were calibrated."""
        session = {"started": datetime.now(UTC).isoformat(timespec="seconds"), "sandbox": sandbox_of(info)}
        self.sessions.append(session | ({} if calibration is None else {"calibration": calibration.as_json()}))

    def calibration(self) -> dict[str, Any] | None:
        """What the last session measured with --calibrate; None without."""
        return self.sessions[-1].get("calibration") if self.sessions else None

    def sandbox(self) -> dict[str, Any] | None:
        """The sandbox of the last session, for a summary; where sessions differ, "mixed" lists the others too."""
        if not self.sessions:
            return None
        last = dict(self.sessions[-1]["sandbox"])
        others: list[Any] = []
        for session in self.sessions:
            if session["sandbox"] not in others:
                others.append(session["sandbox"])
        return {**last, "mixed": others} if len(others) > 1 else last

    def write(self, folder: Path) -> None:
        """Put it in the folder, whole. Raises OutputError."""
        for_people = {"schema": SCHEMA, "fingerprint": normalised(self.fingerprint), "sessions": self.sessions}
        head = json.dumps(for_people, indent=1).removesuffix("\n}")
        with replacing(folder / NAME) as file:
            file.write(f'{head},\n "plan": {json.dumps(self.plan.as_json())}\n}}\n'.encode())


def sandbox_of(info: SandboxInfo) -> dict[str, Any]:
    """A sandbox as summaries describe it."""
    layers = {name: list(given) for name, given in sorted(info.layers.items())}
    return {"backend": info.backend, "python": info.python, "numpy": info.numpy, "layers": layers}


def _session(value: Mapping[str, Any]) -> dict[str, Any]:
    session: dict[str, Any] = {"started": str(value["started"]), "sandbox": dict(value["sandbox"])}
    if "calibration" in value:
        session["calibration"] = {name: float(number) for name, number in dict(value["calibration"]).items()}
    return session


def read_run_file(folder: Path) -> RunFile:
    """Read run.json. Raises InputError where it is missing, damaged, or of a later version."""
    path = folder / NAME
    try:
        value = json.loads(path.read_bytes())
        if value["schema"] != SCHEMA:
            raise InputError(
                f"{path}: has schema {value['schema']}, this version knows {SCHEMA}: use the one that made it"
            )
        sessions = [_session(one) for one in value["sessions"]]
        return RunFile(dict(value["fingerprint"]), Plan.from_json(value["plan"]), sessions)
    except FileNotFoundError:
        raise InputError(f"{folder}: no {NAME} there: give a folder that --output has written") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"{path}: is damaged ({error!r}): start over with --overwrite, or choose another folder"
        ) from None
