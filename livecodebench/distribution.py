"""This software as it is installed: its version, and who else installed a module called `livecodebench`.

Two such distributions share one folder and overwrite each other's files.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

DISTRIBUTION = "lcb-ray"
MODULE = "livecodebench"
_INFO_FOLDER = re.compile(r"(?P<name>[^-]*livecodebench[^-]*)-.*\.(dist|egg)-info", re.IGNORECASE)


def our_version() -> str:
    """The version of this software; "unknown" where it runs without being installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "unknown"


def likely_owners() -> list[str]:
    """Other distributions that own the module, as far as their names tell: a few milliseconds.

    NVIDIA's nvidia-livecodebench is one; so is the `livecodebench` of collections of verifiers environments.
    """
    names = {found["name"] for entry in _path_entries() if (found := _INFO_FOLDER.fullmatch(entry))}
    return sorted(name.replace("_", "-").lower() for name in names if _owns(name))


def all_owners() -> list[str]:
    """Other distributions that own the module, whatever they are called: reads what all of them installed."""
    from importlib.metadata import packages_distributions

    listed = {name.replace("_", "-").lower() for name in packages_distributions().get(MODULE, ())}
    return sorted((listed | set(likely_owners())) - {DISTRIBUTION})


def warning(owners: list[str]) -> str:
    """What to say of them."""
    return (
        f"{', '.join(owners)} also installs a Python package called {MODULE}, in the place of this one: parts of it "
        f"may be missing or replaced. Keep them in different environments: pip uninstall {' '.join(owners)}, then "
        f"pip install --force-reinstall {DISTRIBUTION}"
    )


def _path_entries() -> list[str]:
    entries: list[str] = []
    for folder in sys.path:
        try:
            entries += [entry.name for entry in Path(folder).iterdir()]
        except OSError:
            continue
    return entries


def _owns(name: str) -> bool:
    from importlib.metadata import PackageNotFoundError, distribution  # takes longer than the rest of this module

    try:
        found = distribution(name)
    except PackageNotFoundError:
        return False
    paths = (str(path).replace("\\", "/") for path in found.files or ())
    return any(path.startswith(f"{MODULE}/") or path == f"{MODULE}.py" for path in paths)
