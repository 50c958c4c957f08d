"""What a jailed program may read: the standard library, shared libraries, numpy, three devices. It may write nothing.

Landlock rules only ever add rights to a whole directory tree, and a Python's tree holds its site-packages: everything
that the user has installed, this package with its bundled answers too. So the trees' children are listed one by one,
without the package folders; numpy is added by its own name.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from . import kernel

_READ_FILE, _WRITE_FILE, _READ_DIR = 1 << 2, 1 << 1, 1 << 3
# Rights that each ABI knows, all of them handled (so refused where no rule gives them): index is the ABI.
_FS_RIGHTS = (0, 0x1FFF, 0x3FFF, 0x7FFF, 0x7FFF, 0xFFFF)
_NET_RIGHTS, _NET_ABI = 3, 4  # bind and connect TCP
_SCOPES, _SCOPE_ABI = 3, 6  # abstract Unix sockets, signals
_FILE_RIGHTS = 1 | _WRITE_FILE | _READ_FILE | 1 << 14 | 1 << 15  # rights that make sense on a file
_PACKAGE_FOLDERS = ("site-packages", "dist-packages")
_LIBRARY_FOLDERS = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_FILES = (
    ("/dev/null", _READ_FILE | _WRITE_FILE),
    ("/dev/zero", _READ_FILE),
    ("/dev/urandom", _READ_FILE),
    ("/etc/localtime", _READ_FILE),
    ("/etc/ld.so.cache", _READ_FILE),
)


def abi() -> int:
    """Landlock's version in the running kernel; 0 where there is none."""
    try:
        return kernel.syscall("landlock_create_ruleset", 0, 0, 1)
    except OSError:
        return 0


def readable(numpy_folder: str | None) -> Iterator[tuple[str, int]]:
    """Every path that a program may open, with the rights it gets there."""
    look, list_only = _READ_FILE | _READ_DIR, _READ_DIR
    standard = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    for folder in sorted(standard):
        yield folder, list_only
        yield from ((str(child), look) for child in _children(folder) if child.name not in _PACKAGE_FOLDERS)
    for folder in _LIBRARY_FOLDERS:
        yield from ((str(child), look) for child in _children(folder) if not child.name.startswith("python"))
    yield from ((str(child), look) for child in _children(f"{sys.base_prefix}/lib") if ".so" in child.name)
    yield "/usr/share/zoneinfo", look
    if numpy_folder is not None:
        yield from ((f"{numpy_folder}/{name}", look) for name in ("numpy", "numpy.libs"))
    yield from _FILES


def _children(folder: str) -> list[Path]:
    try:
        return sorted(Path(folder).iterdir())
    except OSError:
        return []


def ruleset(version: int, numpy_folder: str | None) -> int:
    """A descriptor of the rules, to be handed to `restrict` in each test process.

    Args:
        version: The ABI to use, at least 1 and at most the kernel's.
        numpy_folder: The folder that has numpy in it, or None.
    """
    rights = _FS_RIGHTS[min(version, len(_FS_RIGHTS) - 1)]
    words = [rights, _NET_RIGHTS] if version >= _NET_ABI else [rights]
    if version >= _SCOPE_ABI:
        words.append(_SCOPES)
    attributes = struct.pack(f"={len(words)}Q", *words)
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    rules = kernel.syscall("landlock_create_ruleset", ctypes.addressof(buffer), len(attributes), 0)
    for path, access in readable(numpy_folder):
        _allow(rules, path, access & rights)
    return rules


def _allow(rules: int, path: str, access: int) -> None:
    try:
        target = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not on this machine: nothing to allow
        return
    try:
        if not Path(path).is_dir():
            access &= _FILE_RIGHTS
        rule = ctypes.create_string_buffer(struct.pack("=Qi", access, target), 12)
        kernel.syscall("landlock_add_rule", rules, 1, ctypes.addressof(rule), 0)
    finally:
        os.close(target)


def restrict(rules: int) -> None:
    """Put this process under the rules for good. Needs no_new_privs. Raises OSError."""
    kernel.syscall("landlock_restrict_self", rules, 0)
