"""What the Landlock rules let a program read, and that they let it write nothing. Their effect is the jail tests'."""

from __future__ import annotations

import os
import sys
import sysconfig
from itertools import pairwise
from pathlib import Path

import pytest

from lcb_ray.agent import landlock

WRITE_RIGHTS = ~(landlock._READ_FILE | landlock._READ_DIR)


def rules(numpy_folder=None):
    return dict(landlock.readable(numpy_folder))


def allowed(path, given):
    """The rights that rules give on a path: those of every folder above it, added up."""
    granted = 0
    for rule, rights in given.items():
        if path == Path(rule) or Path(rule) in path.parents:
            granted |= rights
    return granted


def test_nothing_may_be_written_but_the_null_device():
    assert {path for path, rights in rules("/numpy").items() if rights & WRITE_RIGHTS} == {"/dev/null"}
    assert rules()["/dev/null"] == landlock._READ_FILE | landlock._WRITE_FILE


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/etc/shadow",
        "/etc/hostname",
        "/proc/self/environ",
        "/proc/1/cmdline",
        "/sys/kernel",
        "/tmp/x",
        "/dev/shm/x",
        "/dev/tty",
        "/dev/kmsg",
        "/root/.ssh/id_rsa",
        "/home/someone/x",
        "/run/secrets/kubernetes.io/serviceaccount/token",
        "/var/run/docker.sock",
        "/usr/bin/python3",
        "/bin/sh",
        str(Path(landlock.__file__)),
        str(Path.cwd() / "pyproject.toml"),
        pytest.__file__,
        f"{sysconfig.get_path('stdlib')}/site-packages/someone/answers.json",
        f"{sysconfig.get_path('stdlib')}/dist-packages/x.py",
        "/usr/lib/python3/dist-packages/x.py",
    ],
)
def test_out_of_reach(path):
    assert allowed(Path(path), rules("/somewhere")) & landlock._READ_FILE == 0


@pytest.mark.parametrize("name", ["os", "json.decoder", "encodings.utf_8", "zoneinfo"])
def test_the_standard_library_is_readable(name):
    path = Path(sysconfig.get_path("stdlib"), *name.split("."))
    found = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
    assert allowed(found, rules()) & landlock._READ_FILE


def test_numpy_and_nothing_beside_it():
    given = rules("/some/site-packages")
    assert allowed(Path("/some/site-packages/numpy/random/x.so"), given) & landlock._READ_FILE
    assert allowed(Path("/some/site-packages/numpy.libs/libopenblas.so"), given) & landlock._READ_FILE
    for other in ("numpy-2.0.dist-info/METADATA", "numpydoc/x.py", "torch/x.py", "x.pth"):
        assert not allowed(Path("/some/site-packages", other), given)
    assert not any("numpy" in path for path in rules(None))


def test_the_interpreter_s_own_shared_library_is_readable_where_it_has_one():
    for library in Path(sys.base_prefix, "lib").glob("libpython*.so*"):
        assert allowed(library, rules()) & landlock._READ_FILE


def test_each_version_handles_all_that_the_one_before_it_did():
    rights = landlock._FS_RIGHTS
    assert rights[0] == 0
    assert all(older & ~newer == 0 for older, newer in pairwise(rights))
    assert rights[1] & landlock._WRITE_FILE
    assert [bin(newer & ~older).count("1") for older, newer in pairwise(rights)] == [
        13,  # ABI 1: all of files and folders
        1,  # ABI 2: refer
        1,  # ABI 3: truncate
        0,  # ABI 4: network
        1,  # ABI 5: device ioctl
    ]


@pytest.mark.skipif(not landlock.abi(), reason="this kernel has no Landlock")
@pytest.mark.parametrize("version", range(1, landlock.abi() + 1))
def test_the_kernel_takes_the_rules_of_each_version(version):
    os.close(landlock.ruleset(version, None))
