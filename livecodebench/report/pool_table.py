"""What goes on in a pool, as a person reads it: one screen, in text that cannot act on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lcb_ray.pool_view import PoolView, SandboxView
from livecodebench.printable import printable
from livecodebench.report.progress import duration

_TEXT = 60  # characters of a name that others chose
_BAR = 30  # characters
_HOST = 16  # likewise
_GOOD, _BAD, _DIM = "green", "red", "bright_black"
NO_POOLS = "No pool: nobody uses one just now. It appears with the first command that has --backend ray or kubernetes."


def pools_shown(views: Sequence[PoolView], *, most_sandboxes: int = 20, most_recent: int = 10) -> RenderableType:
    """All pools, one below the other."""
    if not views:
        return Text(NO_POOLS)
    return Group(*(_pool(view, most_sandboxes, most_recent) for view in sorted(views, key=lambda view: view.pool)))


def _pool(view: PoolView, most_sandboxes: int, most_recent: int) -> RenderableType:
    parts: list[RenderableType] = [_head(view), _slots(view), _drivers(view), _sandboxes(view, most_sandboxes)]
    if len(view.sandboxes) > most_sandboxes:
        parts.append(Text(f"  and {len(view.sandboxes) - most_sandboxes} more sandboxes", style=_DIM))
    if view.recent:
        parts.append(_recent(view, most_recent))
    if view.failure:
        parts.append(Text(f"A sandbox that did not start: {printable(view.failure, limit=300)}", style=_BAD))
    return Group(*parts)


def _head(view: PoolView) -> Text:
    done = sum(view.verdicts.values())
    errors = sum(sandbox.errors for sandbox in view.sandboxes)
    up = sum(sandbox.state == "up" for sandbox in view.sandboxes)
    minute = sum(sandbox.last_minute for sandbox in view.sandboxes)
    head = Text(f"Pool {_name(view.pool)}", style="bold")
    head.append(f"   {up} of {view.target} sandboxes up, {view.waiting} waiting\n", style="not bold")
    head.append(f"Done  {done} submissions, {minute} of them in the last minute, ", style="not bold")
    return head.append(f"{errors} infrastructure errors" if errors else "no errors", style=_BAD if errors else _GOOD)


def _slots(view: PoolView) -> Text:
    every = sum(view.slots.values())
    lent = view.slots.get("lent", 0)
    filled = round(_BAR * lent / every) if every else 0
    others = [f"{count} {state}" for state, count in view.slots.items() if count and state != "lent"]
    line = Text("Slots ").append("█" * filled, style=_GOOD).append("░" * (_BAR - filled), style=_DIM)
    return line.append(f" {lent} of {every} lent" + "".join(f", {_name(word)}" for word in others))


def _drivers(view: PoolView) -> Table:
    table = _table("driver", "priority", "=slots", "=waiting")
    for driver in view.drivers:
        table.add_row(_name(driver.label or driver.id), _name(driver.priority), str(driver.held), str(driver.waiting))
    return table


def _sandboxes(view: PoolView, most: int) -> Table:
    table = _table("sandbox", "state", "=slots", "runs", "=for", "=done", "=/min", "=errors")
    for sandbox in view.sandboxes[:most]:
        longest = max(sandbox.running, key=lambda one: one.for_s, default=None)
        more = f" and {len(sandbox.running) - 1} more" if len(sandbox.running) > 1 else ""
        table.add_row(
            _name(f"{_short(sandbox.host) or '-'} #{sandbox.id}"),
            Text(_cut(sandbox.state), style=_GOOD if sandbox.state == "up" else _BAD if _bad(sandbox) else ""),
            f"{sandbox.taken}/{sandbox.slots}",
            Text(_cut(longest.key) + more) if longest else Text("-", style=_DIM),
            f"{longest.for_s:.0f} s" if longest else "",
            str(sum(sandbox.verdicts.values())),
            str(sandbox.last_minute),
            Text(str(sandbox.errors), style=_BAD if sandbox.errors else ""),
        )
    return table


def _bad(sandbox: SandboxView) -> bool:
    return sandbox.state == "silent"


def _recent(view: PoolView, most: int) -> Table:
    table = _table("lately finished", "verdict", "=ago", "sandbox")
    for one in view.recent[:most]:
        verdict = Text(_cut(one.verdict.replace("_", " ")), style=_GOOD if one.verdict == "accepted" else "")
        table.add_row(_name(one.key), verdict, duration(one.ago_s), f"#{one.sandbox}")
    return table


def _table(*headings: str) -> Table:
    """A table; headings that begin with "=" are of numbers."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading in headings:
        justify: Literal["left", "right"] = "right" if heading.startswith("=") else "left"
        table.add_column(heading.removeprefix("="), justify=justify, no_wrap=True)
    return table


def _short(host: str) -> str:
    """A machine's name, or the end of a pod's, which is what tells it apart: "…worker-x7k2p"."""
    if len(host) <= _HOST:
        return host
    _, dash, end = host[-_HOST:].partition("-")
    return "…" + (end if dash else host[-_HOST:])


def _cut(text: str) -> str:
    return printable(text, limit=_TEXT)


def _name(text: str) -> Text:
    return Text(_cut(text))
