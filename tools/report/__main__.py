"""Runs the checks, or makes the screenshots."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.report.checks import check_all
from tools.report.screenshots import make_screenshots

IMAGES = Path(__file__).parents[2] / "docs" / "images"

if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check"]:
            sys.exit(check_all())
        case ["screenshots"]:
            make_screenshots(IMAGES)
        case ["screenshots", folder]:
            make_screenshots(Path(folder))
        case _:
            sys.exit("usage: python -m tools.report check | screenshots [FOLDER]")
