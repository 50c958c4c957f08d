"""The tables of docs/attacks.md: which attack is contained where, and what gets through without a layer.

    uv run python -m tests.attack_tables environments [--only this-kernel,docker,…] [--write] [--keep FILE]
    uv run python -m tests.attack_tables layers [--write] [--keep FILE]

Of the environments, those on this machine are the default; tests/attack_places.py says what the others need. Columns
that are not asked for stay as they are written. --keep names a file that holds each finished row or column, for a run
that is to go on where it was broken off. As root, and on a kernel with everything: else some columns and rows cannot be
made, which is an error. Each takes a minute or two.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lcb_ray.agent.properties import GIVEN_BY
from tests import attack_places
from tests.attack_places import Attacked
from tests.attack_target import CONFIGURATIONS, Target
from tests.attacks import ATTACKS, Attack

PAGE = Path(__file__).parents[1] / "docs" / "attacks.md"
_SHOWN = 6
_PERHAPS_THE_LOAD = ("it was", "the next test was", "the next submission was")
_HARMLESS = ("managed", "it was", "it printed", "it found", "it ended")  # it got through, and the target is as it was


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
    Row("this-kernel", ("capabilities",)),
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
            if faults := _attacked(target, attack):
                found[attack.name] = faults
                sys.stderr.write(f"  {attack.name}: {'; '.join(faults)[:150]}\n")
                if all(fault.startswith(_HARMLESS) for fault in faults):
                    continue
                left = target.left()
                target.close()
                remove(left)
                target = begin(row)
    finally:
        target.close()
    return found


def _attacked(target: Attacked, attack: Attack) -> list[str]:
    """As target.attack; an end of another kind than was due must be seen twice: it may be the load."""
    faults = target.attack(attack)
    if faults and all(fault.startswith(_PERHAPS_THE_LOAD) for fault in faults):
        return target.attack(attack)
    return faults


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


class Kept:
    """What has been made so far, in a file where one is named."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._made: dict[str, Any] = json.loads(path.read_text()) if path is not None and path.exists() else {}

    def get(self, name: str, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever JSON holds
        """What is kept under a name, or is made now."""
        sys.stderr.write(f"{name}\n")
        if name not in self._made:
            self._made[name] = make()
            if self._path is not None:
                self._path.write_text(json.dumps(self._made))
        return self._made[name]


def layers_table(kept: Kept) -> list[str]:
    """A line for each row."""
    lines = ["| where | without | properties lost | attacks that get through |", "|---|---|---|---|"]
    return lines + [kept.get(f"{row.configuration}: {row.without}", partial(_line, row)) for row in ROWS]


def _line(row: Row) -> str:
    with closing(begin(row)) as target:
        lost = [name for name in GIVEN_BY if name not in target.properties]
    found = list(through(row))
    if found and row.instead:
        raise SystemExit(f"{row} says that nothing gets through, but there are {found}")
    names = ", ".join(f"`{name}`" for name in found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
    what = f"{len(found)}: {names}" if found else f"none{': ' + row.instead if row.instead else ''}"
    without = " + ".join(f"`{name}`" for name in row.without)
    return f"| {row.configuration} | {without} | {', '.join(lost) or 'none'} | {what} |"


def environments_table(kept: Kept, names: list[str]) -> list[str]:
    """A line for each attack, a column for each place; those that are not asked for are as they are written."""
    columns = columns_of(written("environments"))
    columns |= {name: kept.get(name, partial(_column, name)) for name in names}
    shown = {name: columns.get(name, {}) for name in attack_places.PLACES}
    lines = ["| attack | aim | " + " | ".join(shown) + " |", "|---" * (len(shown) + 2) + "|"]
    for kind in dict.fromkeys(attack.kind for attack in ATTACKS.values()):
        for attack in ATTACKS.values():
            if attack.kind == kind:
                cells = " | ".join(column.get(attack.name, "not run") for column in shown.values())
                lines.append(f"| `{attack.name}` | {attack.aim} | {cells} |")
    return lines


def columns_of(lines: list[str]) -> dict[str, dict[str, str]]:
    """The columns of a table of environments: by name, what each attack came to."""
    if not lines:
        return {}
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {name: {row[0].strip("`"): row[at] for row in rows} for at, name in enumerate(head) if at > 1}


def _column(name: str) -> dict[str, str]:
    with attack_places.opened(name) as target:
        return {attack.name: _cell(target, attack) for attack in ATTACKS.values()}


def _cell(target: Attacked, attack: Attack) -> str:
    if not attack.here:
        return f"only {attack.machine}"
    if attack.needs_landlock and target.properties["fs_readonly"] != ["landlock"]:
        return "can read"
    if faults := _attacked(target, attack):
        sys.stderr.write(f"  {attack.name}: {'; '.join(faults)[:600]}\n")
        return "**NOT HELD**"
    return "held"


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
    parser.add_argument("table", choices=("environments", "layers"))
    parser.add_argument(
        "--only", default=",".join(CONFIGURATIONS), help="columns, of environments (default: this machine's)"
    )
    parser.add_argument("--write", action="store_true", help="put it into docs/attacks.md")
    parser.add_argument("--keep", type=Path, metavar="FILE")
    options = parser.parse_args()
    kept, names = Kept(options.keep), options.only.split(",")
    if unknown := set(names) - set(attack_places.PLACES):
        parser.error(f"unknown columns: {', '.join(sorted(unknown))}; there are {', '.join(attack_places.PLACES)}")
    lines = layers_table(kept) if options.table == "layers" else environments_table(kept, names)
    sys.stdout.write("\n".join(lines) + "\n")
    if options.write:
        write(options.table, lines)


if __name__ == "__main__":
    main()
