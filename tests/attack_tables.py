"""The tables of docs/attacks.md: which attack is contained where, and what gets through without a layer.

    uv run python -m tests.attack_tables environments [--write]
    uv run python -m tests.attack_tables layers [--write]

As root, and on a kernel with everything: else some columns and rows cannot be made, which is an error. Takes minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lcb_ray.agent.properties import GIVEN_BY
from tests.attack_target import CONFIGURATIONS, Target
from tests.attacks import ATTACKS, Attack

PAGE = Path(__file__).parents[1] / "docs" / "attacks.md"
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Row:
    """A jail with less than all its layers.

    Attributes:
        configuration: Where it is tried.
        without: The layers that are left out.
        instead: Where no attack gets through: what still holds.
    """

    configuration: str
    without: tuple[str, ...]
    instead: str = ""


ROWS = (
    Row("own-uids", ("seccomp",)),
    Row("own-uids", ("landlock",)),
    Row("own-uids", ("rlimits",)),
    Row("own-uids", ("descriptors",)),
    Row("own-uids", ("clean_start",)),
    Row(
        "own-uids", ("own_uid",), "seccomp refuses every call that reaches another process, Landlock its files in /proc"
    ),
    Row("own-uids", ("netns",), "seccomp refuses every socket"),
    Row("own-uids", ("dumpable",), "seccomp refuses ptrace and process_vm, Landlock /proc, and the users differ"),
    Row("this-kernel", ("capabilities",), "seccomp refuses every call that a capability would help"),
    Row("unprivileged", ("seccomp",)),
    Row("unprivileged", ("landlock",)),
    Row("unprivileged", ("seccomp", "landlock")),
    Row("unprivileged", ("dumpable", "seccomp", "landlock")),
    Row("own-uids", ("own_uid", "seccomp", "landlock")),
    Row("own-uids", ("netns", "seccomp")),
)


def begin(row: Row) -> Target:
    """The target of a row: its agent may start though properties are missing."""
    options = ["--without", ",".join(row.without), "--require", "no_new_privs"]
    return Target(CONFIGURATIONS[row.configuration], *options)


def tried(row: Row) -> Iterator[Attack]:
    """The attacks of a row. Time is the warden's business, and what is judged the client's: no layer's."""
    for attack in ATTACKS.values():
        harmful = "rlimits" in row.without and attack.needs_limits
        about_judging = attack.kind == "reward" and "descriptors" not in row.without
        if attack.here and attack.kind != "time" and not about_judging and not harmful:
            yield attack


def through(row: Row) -> dict[str, list[str]]:
    """What gets through, with what it did. A target that has been harmed is replaced."""
    found = {}
    target = begin(row)
    try:
        for attack in tried(row):
            if faults := target.attack(attack):
                found[attack.name] = faults
                sys.stderr.write(f"  {attack.name}: {'; '.join(faults)[:150]}\n")
                left = target.left()
                target.close()
                remove(left)
                target = begin(row)
    finally:
        target.close()
    return found


def remove(left: set[str]) -> None:
    """Clear away what an attack has left on this machine."""
    for thing in left:
        kind, *words = thing.split()
        if kind in ("shm", "msg", "sem"):
            option = {"shm": "-M", "msg": "-Q", "sem": "-S"}[kind]
            subprocess.run(["ipcrm", option, words[0]], check=False, capture_output=True)
        else:
            with contextlib.suppress(OSError):
                Path(thing).unlink()


def layers_table() -> list[str]:
    """A line for each row."""
    lines = ["| where | without | properties lost | attacks that get through |", "|---|---|---|---|"]
    for row in ROWS:
        sys.stderr.write(f"{row}\n")
        with closing(begin(row)) as target:
            lost = [name for name in GIVEN_BY if name not in target.properties]
        found = list(through(row))
        if found and row.instead:
            raise SystemExit(f"{row} says that nothing gets through, but there are {found}")
        names = ", ".join(f"`{name}`" for name in found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
        what = f"{len(found)}: {names}" if found else f"none{': ' + row.instead if row.instead else ''}"
        without = " + ".join(f"`{name}`" for name in row.without)
        lines.append(f"| {row.configuration} | {without} | {', '.join(lost) or 'none'} | {what} |")
    return lines


def environments_table() -> list[str]:
    """A line for each attack, a column for each configuration."""
    columns = {}
    for name, configuration in CONFIGURATIONS.items():
        if lacks := configuration.lacks():
            raise SystemExit(f"{name}: {lacks}")
        sys.stderr.write(f"{name}\n")
        with closing(Target(configuration)) as target:
            columns[name] = {attack.name: _cell(target, attack) for attack in ATTACKS.values()}
    lines = ["| attack | aim | " + " | ".join(columns) + " |", "|---" * (len(columns) + 2) + "|"]
    for kind in dict.fromkeys(attack.kind for attack in ATTACKS.values()):
        for attack in ATTACKS.values():
            if attack.kind == kind:
                cells = " | ".join(column[attack.name] for column in columns.values())
                lines.append(f"| `{attack.name}` | {attack.aim} | {cells} |")
    return lines


def _cell(target: Target, attack: Attack) -> str:
    if not attack.here:
        return f"only {attack.machine}"
    if attack.needs_landlock and target.properties["fs_readonly"] != ["landlock"]:
        return "can read"
    if faults := target.attack(attack):
        sys.stderr.write(f"  {attack.name}: {'; '.join(faults)[:300]}\n")
        return "**NOT HELD**"
    return "held"


TABLES = {"environments": environments_table, "layers": layers_table}


def written(name: str) -> list[str]:
    """The lines of a table as they are in the page."""
    found = re.search(rf"<!-- {name}.*?-->\n(.*?)<!-- end -->", PAGE.read_text(), re.DOTALL)
    assert found is not None, f"{PAGE} has no place for the table {name}"
    return found[1].strip().splitlines()


def write(name: str, lines: list[str]) -> None:
    """Put a table into the page."""
    text = PAGE.read_text()
    stamp = (
        f"made on Linux {platform.release().split('-')[0]}, {platform.machine()}, Python {platform.python_version()}"
    )
    head = f"<!-- {name}: {stamp}, by `python -m tests.attack_tables {name} --write` -->"
    body = head + "\n" + "\n".join(lines) + "\n<!-- end -->"
    PAGE.write_text(re.sub(rf"<!-- {name}.*?<!-- end -->", lambda _: body, text, flags=re.DOTALL))


def main() -> None:
    """Make one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=TABLES)
    parser.add_argument("--write", action="store_true", help="put it into docs/attacks.md")
    options = parser.parse_args()
    lines = TABLES[options.table]()
    sys.stdout.write("\n".join(lines) + "\n")
    if options.write:
        write(options.table, lines)


if __name__ == "__main__":
    main()
