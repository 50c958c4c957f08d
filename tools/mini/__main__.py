"""Writes the files of the mini dataset into the package, or into the folder named on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.mini.writing import write_dataset

DEFAULT_FOLDER = Path(__file__).parents[2] / "livecodebench" / "data" / "mini"

if __name__ == "__main__":
    write_dataset(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
