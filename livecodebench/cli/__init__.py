"""The command `livecodebench`: a module per command, and what they share. Other code never imports this package.

Importing a command's module is cheap: what does its work is imported when it runs, so that `--help` answers at once.
"""

from __future__ import annotations


def main() -> None:
    """Entry point of the installed command."""
    from livecodebench.cli.app import run

    run()
