"""Which code this is: sides of a pool that run different code do not understand each other, and say so."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path


def package_folder(package: str) -> Path:
    """Where a package lies, without importing it. Raises ModuleNotFoundError."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"no package {package!r}", name=package)
    return Path(spec.submodule_search_locations[0])


@cache
def code_version(packages: Sequence[str]) -> str:
    """A short fingerprint of the Python files of these packages, the same for the same release anywhere."""
    digest = hashlib.sha256()
    for package in packages:
        folder = package_folder(package)
        for path in sorted(folder.rglob("*.py")):
            source = path.read_bytes()
            digest.update(f"{package}/{path.relative_to(folder).as_posix()} {len(source)}\n".encode() + source)
    return digest.hexdigest()[:12]
