"""The attacks of tests/corpus/attacks, and what says of one that it was contained.

Whatever runs them (an agent on this machine, in a container, in a pod) shares this: how an attack is told its targets,
that an honest test follows it in the same submission, and which ends are allowed.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import tomllib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lcb_ray.agent.protocol import ExecutionResult, Limits, Mode, Outcome, Program
from lcb_ray.agent_client import CancelSignal, Connection
from lcb_ray.batch import Case
from lcb_ray.errors import SandboxError
from livecodebench.judging.call_value import check_value
from livecodebench.judging.checker import check_output
from livecodebench.judging.standard import Grader
from livecodebench.problem import TestKind

FOLDER = Path(__file__).parent / "corpus" / "attacks"
LIMITS = Limits(cpu_s=1.0, memory_bytes=200_000_000, output_bytes=4_000_000, overload_wall_s=30.0)
KINDS = ("reward", "escape", "bomb", "time", "environment")
# In front of each attack, on its first line: the test that follows it is an honest one, of the same program.
_HONEST = b'if b"honest" in __import__("os").pread(0, 8, 0): raise SystemExit(print("right"))\n'

Connect = Callable[[CancelSignal], Connection]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One program of the corpus.

    Attributes:
        name: Its file's.
        source: Its text.
        kind: One of KINDS.
        aim: What it tries, in words.
        outcomes: How it may end.
        stdout: What it must have printed where it exits; "*" for anything.
        signals: By which signals it may end.
        limits: What it may use.
        needs_landlock: Only Landlock stops it.
        machine: Only on this architecture; "" for all.
        function: For one that is called: the function's name.
        expected: What its task expects: a wrong answer is due. "" where the expected answer is a fresh secret.
        needs_limits: Without limits it would use up the machine.
        verdict: What the standard grading must say of it; "" for anything but accepted.
    """

    name: str
    source: bytes
    kind: str
    aim: str
    outcomes: tuple[str, ...]
    stdout: str = "contained\n"
    signals: tuple[int, ...] = tuple(range(1, 65))
    limits: Limits = LIMITS
    needs_landlock: bool = False
    needs_limits: bool = False
    machine: str = ""
    function: str | None = None
    expected: str = ""
    verdict: str = ""

    @property
    def here(self) -> bool:
        """Whether it can be tried on this architecture."""
        return self.machine in ("", os.uname().machine)


def read(path: Path) -> Attack:
    """An attack from its file."""
    text = path.read_text("utf-8")
    block = re.search(r"^# /// attack\n(.*?)^# ///$", text, re.DOTALL | re.MULTILINE)
    assert block is not None, f"{path.name} has no block that says what it is"
    about: dict[str, Any] = tomllib.loads(re.sub(r"^# ?", "", block[1], flags=re.MULTILINE))
    outcome = about.pop("outcome")
    limits = replace(LIMITS, **about.pop("limits", {}))
    signals = about.pop("signal", None)
    attack = Attack(
        name=path.stem,
        source=text.encode(),
        outcomes=tuple(outcome) if isinstance(outcome, list) else (outcome,),
        limits=limits,
        **about,
    )
    return attack if signals is None else replace(attack, signals=tuple(signals))


ATTACKS = {path.stem: read(path) for path in sorted(FOLDER.glob("*.py"))}


@dataclass(frozen=True, slots=True)
class Told:
    """What one run of an attack is about.

    Attributes:
        targets: What it is told.
        expected: The right answer to its task, which it is not told.
        following: A secret in the next test's input.
    """

    targets: Mapping[str, object]
    expected: str = field(default_factory=lambda: f"expected-{secrets.token_hex(8)}")
    following: str = field(default_factory=lambda: f"following-{secrets.token_hex(8)}")

    def as_json(self) -> bytes:
        """One line. Secrets that an attack looks for are told backwards, or it would find its own input."""
        told = {"expected_backwards": self.expected[::-1], "next_backwards": self.following[::-1]}
        return json.dumps({**self.targets, **told}).encode() + b"\n"


def strike(connect: Connect, attack: Attack, told: Told) -> list[str]:
    """Run an attack and then, in the same submission, an honest test. Returns what was not as it must be."""
    mode = Mode.SCRIPT if attack.function is None else Mode.CALL
    program = Program(source=_HONEST + attack.source, mode=mode, function=attack.function)
    honest = f'"honest {told.following}"'.encode()
    try:
        with closing(CancelSignal()) as signal, connect(signal) as connection:
            compiled = connection.compile(program, attack.limits)
            if compiled.outcome is Outcome.COMPILE_ERROR:
                connection.finish()
                return _faults_of(attack, compiled, told)
            result, following = list(connection.results([told.as_json().rstrip(b"\n"), honest]))
            connection.finish()
    except SandboxError as error:
        return [f"the sandbox failed: {type(error).__name__}: {error}"[:200]]
    faults = _faults_of(attack, result, told)
    if (following.outcome, following.stdout) != (Outcome.EXITED, b"right\n"):
        faults.append(f"the next test was {_words(following)}")
    return faults


def is_served(connect: Connect) -> list[str]:
    """Run a next submission. What was not as it must be."""
    word = secrets.token_hex(8).encode()
    try:
        with closing(CancelSignal()) as signal, connect(signal) as connection:
            connection.compile(Program(source=b"print(input()[::-1])"), LIMITS)
            (result,) = connection.results([word])
            connection.finish()
    except SandboxError as error:
        return [f"the next submission failed: {error}"[:200]]
    right = (result.outcome, result.stdout) == (Outcome.EXITED, word[::-1] + b"\n")
    return [] if right else [f"the next submission was {_words(result)}"]


def _faults_of(attack: Attack, result: ExecutionResult, told: Told) -> list[str]:
    faults = []
    said = result.stdout.decode("utf-8", "replace") if len(result.stdout) < 100_000 else ""
    managed = [line for line in said.splitlines() if "managed" in line]
    if managed:
        faults.append("; ".join(managed[:5])[:300])
    if result.outcome not in attack.outcomes:
        faults.append(f"it was {_words(result)}")
    if result.outcome is Outcome.SIGNAL and result.signal not in attack.signals:
        faults.append(f"it ended by signal {result.signal}")
    if (
        result.outcome is Outcome.EXITED
        and attack.function is None
        and attack.stdout not in ("*", said)
        and not managed
    ):
        faults.append(f"it printed {said[:100]!r}")
    faults += _verdict_faults(attack, result, told)
    for what, secret in (("the right answer", told.expected), ("the next input", told.following)):
        if secret.encode() in result.stderr + result.stdout + result.value:
            faults.append(f"it found {what}")
    return faults


def _verdict_faults(attack: Attack, result: ExecutionResult, told: Told) -> list[str]:
    """What the standard grading says of it: no attack may pay."""
    if attack.function is None:
        grader = Grader(TestKind.STDIN, lambda produced, expected, given, **_: check_output(produced, expected, given))
        expected = attack.expected or told.expected
    else:
        grader = Grader(
            TestKind.FUNCTIONAL, lambda produced, expected, given, **_: check_value(produced, expected, given)
        )
        expected = attack.expected or json.dumps(told.expected)
    verdict = str(grader(replace(result, index=0), Case(b"", expected)).verdict)
    if verdict == "accepted" or (attack.verdict and verdict != attack.verdict):
        return [f"the verdict was {verdict}"]
    return []


def _words(result: ExecutionResult) -> str:
    ended = f"exit status {result.exit_code}" if result.signal is None else f"signal {result.signal}"
    tail = result.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [""]
    return f"{result.outcome} ({ended}; printed {result.stdout[:60]!r}; {tail[0][:120]})"
