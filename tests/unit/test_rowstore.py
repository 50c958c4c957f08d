"""Rows by offset: from a file in place, from memory, from a file without a name."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.dataset.rowstore import FileRows, Spool


def open_below(folder: Path) -> int:
    """Descriptors of this process whose files are there, or were."""
    gc.collect()
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]  # some have gone meanwhile
    return sum(os.path.realpath(link).startswith(str(folder)) for link in links)


@given(st.lists(st.binary(max_size=40)), st.integers(min_value=0, max_value=200))
def test_a_spool_gives_back_what_it_got(rows, memory):
    spool = Spool(memory=memory)
    offsets = [spool.append(row) for row in rows]
    assert [spool.read(offset, len(row)) for offset, row in zip(offsets, rows, strict=True)] == rows


@pytest.mark.parametrize("memory", [0, 1 << 20])
def test_many_threads_read_at_once(memory):
    spool = Spool(memory=memory)
    rows = [os.urandom(1000) for _ in range(100)]
    offsets = [spool.append(row) for row in rows]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda offset: spool.read(offset, 1000), offsets * 5)) == rows * 5


def test_a_child_process_reads_beside_its_parent():
    spool = Spool(memory=0)
    first, second = spool.append(b"a" * 10), spool.append(b"b" * 10)
    child = subprocess.run(
        [sys.executable, "-c", f"import os; print(os.pread({spool._descriptor}, 10, {first}).decode())"],
        pass_fds=[spool._descriptor],
        capture_output=True,
        text=True,
        check=True,
    )
    assert child.stdout == "a" * 10 + "\n"
    assert spool.read(second, 10) == b"b" * 10


def test_a_small_spool_touches_no_disk(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    spool = Spool(memory=10)
    assert spool.read(spool.append(b"0123456789"), 10) == b"0123456789"
    with pytest.raises(OSError, match="missing"):
        spool.append(b"x")


def test_nothing_is_left_when_the_process_is_killed(tmp_path):
    program = """
import sys
from livecodebench.dataset.rowstore import Spool
spool = Spool(memory=10)
spool.append(b"x" * 1000)
print("ready", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        targets = [str(link.readlink()) for link in Path(f"/proc/{child.pid}/fd").iterdir()]
        assert any(target.startswith(str(tmp_path)) for target in targets)  # it is there, and has no name
        assert list(tmp_path.iterdir()) == []
        child.send_signal(signal.SIGKILL)
    assert list(tmp_path.iterdir()) == []


def test_descriptors_are_closed_with_the_last_reader(tmp_path, monkeypatch):
    path = tmp_path / "rows"
    path.write_bytes(b"0123")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with path.open("rb") as file:
        rows = FileRows(file.fileno())
    spool = Spool(memory=0)
    spool.append(b"x")
    assert open_below(tmp_path) == 2
    path.unlink()
    assert rows.read(1, 2) == b"12"
    assert rows.read(3, 5) == b"3"
    del rows, spool
    assert open_below(tmp_path) == 0
