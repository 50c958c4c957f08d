"""Writes the files."""

from __future__ import annotations

import sys

from tools.monitoring.files import written

if __name__ == "__main__":
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.name}: {len(text)} characters\n")
