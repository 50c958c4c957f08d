"""The template of the next program, made while there is time: so nobody waits for its fork."""

from __future__ import annotations

from .execution import Cell
from .jail import Jail
from .nursery import Nursery
from .template import Prepare, Template


class Spares:
    """Templates for one program after another, each with the cell of its executions. One at most lies ready.

    Args:
        jail: To enter.
        slot: Of the sandbox.
        prepare: See Template.
        nursery: Forks them; None where this process does.
    """

    def __init__(self, jail: Jail, slot: int, prepare: Prepare, nursery: Nursery | None) -> None:
        self._jail = jail
        self._slot = slot
        self._prepare = prepare
        self._nursery = nursery
        self._ready: tuple[Cell, Template] | None = None

    def make(self) -> None:
        """See to it that one lies ready. Raises SandboxFault, OSError."""
        self._ready = self._ready or self._made()

    def take(self) -> tuple[Cell, Template]:
        """One for the program that comes now: awake, the taker's to close. Raises SandboxFault, OSError."""
        cell, template = self._ready or self._made()
        self._ready = None
        if not template.wake():  # while it lay ready, the kernel ran out of memory, say
            _end(cell, template)
            cell, template = self._made()
            template.wake()
        return cell, template

    def close(self) -> None:
        """End the one that lies ready."""
        if self._ready is not None:
            _end(*self._ready)
            self._ready = None

    def _made(self) -> tuple[Cell, Template]:
        cell = Cell.make(self._jail, self._slot)
        return cell, Template(cell, self._prepare, self._nursery)


def _end(cell: Cell, template: Template) -> None:
    template.close()
    cell.close()
