"""The agent as one file, agent.pyz: what a sandbox with nothing but a Python is given to run.

    python -m lcb_ray.archive agent.pyz
    python3 -s -P -S agent.pyz --listen /run/agent/agent.sock

The same sources make the same bytes, on any machine and any Python: no time, no order of a folder, no compression that
changes with zlib's version.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

PACKAGE = "agent"
_FOLDER = Path(__file__).parent / "agent"
_MAIN = "from agent.__main__ import run\n\nrun()\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first time that a zip file can tell
_UNIX, _READABLE = 3, 0o100644 << 16


def build() -> bytes:
    """The archive's bytes."""
    files = {f"{PACKAGE}/{path.name}": path.read_bytes() for path in sorted(_FOLDER.glob("*.py"))}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in {"__main__.py": _MAIN.encode(), **files}.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _READABLE
            archive.writestr(entry, data)
    return buffer.getvalue()


def main(arguments: list[str]) -> int:
    """Write the archive where the one argument says. Returns the exit status."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write("usage: python -m lcb_ray.archive OUT\n")
        return 2
    try:
        Path(arguments[0]).write_bytes(build())
    except OSError as error:
        sys.stderr.write(f"cannot write {arguments[0]}: {error.strerror}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
