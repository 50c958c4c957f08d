"""This package as a wheel, from the files that run here: what an image installs is what its builder runs.

An installed package has no sources to build from, so the wheel is put together from what is installed. The same files
make the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import sys
import zipfile
from collections.abc import Sequence
from importlib import metadata

from lcb_ray.code_version import package_folder
from lcb_ray.errors import SandboxUnusable

DISTRIBUTION = "lcb-ray"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_WHEEL = "Wheel-Version: 1.0\nGenerator: livecodebench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def build(packages: Sequence[str]) -> tuple[str, bytes]:
    """The wheel's file name and its bytes. Raises SandboxUnusable where this package is not installed."""
    try:
        installed = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        raise SandboxUnusable(
            f"{DISTRIBUTION} is not installed, and so no image can have it: pip install it, or set "
            "LIVECODEBENCH_K8S_IMAGES=stock"
        ) from None
    stem = f"{DISTRIBUTION.replace('-', '_')}-{installed.version}"
    files = files_of(packages) | {
        f"{stem}.dist-info/METADATA": (installed.read_text("METADATA") or "").encode(),
        f"{stem}.dist-info/WHEEL": _WHEEL.encode(),
        f"{stem}.dist-info/entry_points.txt": (installed.read_text("entry_points.txt") or "").encode(),
    }
    record = f"{stem}.dist-info/RECORD"
    lines = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in files.items()]
    files[record] = "\n".join([*lines, f"{record},,", ""]).encode()
    return f"{stem}-py3-none-any.whl", zipped(files)


def constraints(distributions: Sequence[str]) -> str:
    """The versions that are installed here of these and of all that they need, for pip."""
    found: dict[str, str] = {}
    waiting = list(distributions)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        one = next(iter(metadata.distributions(name=name, path=_installed())), None)
        if one is None:  # another platform's, or of an extra
            continue
        if name not in found and "+" not in one.version:
            found[name] = one.version
            needed = (line for line in one.requires or () if "extra ==" not in line)
            waiting += [match[0] for line in needed if (match := re.match(r"[A-Za-z0-9._-]+", line))]
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()))


def _installed() -> list[str]:
    """Where packages are installed. Ray adds a folder with copies of its own once it is imported: not those."""
    return [entry for entry in sys.path if not entry.endswith("thirdparty_files")]


def files_of(packages: Sequence[str]) -> dict[str, bytes]:
    """The files of packages, by the names that they have in a wheel or on a path."""
    found: dict[str, bytes] = {}
    for package in packages:
        folder = package_folder(package)
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                found[f"{package.replace('.', '/')}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    return found


def zipped(files: dict[str, bytes]) -> bytes:
    """Files as a zip file that tells nothing of when or where it was made."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
