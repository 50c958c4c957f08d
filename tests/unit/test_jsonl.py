"""Bounded lines of plain and gzip files."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.errors import DatasetError, InputError
from livecodebench.files import jsonl
from livecodebench.files.jsonl import Line, open_input, parse_object


def lines(path: Path) -> list[Line]:
    with open_input(path) as file:
        return list(file.lines())


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:])])
def test_lines_offsets_and_hash(tmp_path, pack):
    text = b"one\n\n  \t\r\ntwo\r\nthree"
    path = tmp_path / "any.name"
    path.write_bytes(pack(text))
    with open_input(path) as file:
        assert list(file.lines()) == [Line(1, 0, b"one\n"), Line(4, 10, b"two\r\n"), Line(5, 15, b"three")]
        assert file.sha256() == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_hash_is_of_the_whole_file_however_little_was_read(tmp_path):
    path = tmp_path / "big"
    path.write_bytes(os.urandom(3 << 20))
    with open_input(path) as file:
        assert file.sha256() == hashlib.sha256(path.read_bytes()).hexdigest()


@given(st.binary(min_size=1, max_size=300))
def test_lines_hold_all_that_is_not_blank(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "lines"
    path.write_bytes(gzip.compress(text))
    expected = [line for line in text.splitlines(keepends=True) if not line.isspace()]
    found = lines(path)
    assert b"".join(line.data for line in found).split() == b"".join(expected).split()
    assert all(text[line.offset :].startswith(line.data) for line in found)
    assert all(line.number == text[: line.offset].count(b"\n") + 1 for line in found)


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda path: None, "no such file: check the path"),
        (Path.mkdir, "is a folder: give a .jsonl"),
        (os.mkfifo, "is a pipe or a device"),
        (Path.touch, "the file is empty"),
    ],
)
def test_what_is_no_file(tmp_path, prepare, message):
    path = tmp_path / "given"
    prepare(path)
    with pytest.raises(DatasetError, match=message) as caught, open_input(path, error=DatasetError):
        pass
    assert str(path) in str(caught.value)


def test_a_path_that_cannot_be_one():
    with pytest.raises(InputError, match="cannot be opened"), open_input(Path("a\0b")):
        pass


def test_truncated_gzip_names_the_line(tmp_path):
    path = tmp_path / "cut.jsonl.gz"
    packed = gzip.compress(b"row\n" * 1000 + os.urandom(100_000).hex().encode())
    path.write_bytes(packed[:-50_000])
    with pytest.raises(InputError, match=r"cut\.jsonl\.gz:1001: the gzip data end too early"):
        lines(path)


@pytest.mark.parametrize("damage", [lambda data: data[:12] + b"\xff\xff" + data[14:], lambda data: data + b"rubbish"])
def test_damaged_gzip(tmp_path, damage):
    path = tmp_path / "bad.gz"
    path.write_bytes(damage(gzip.compress(b"text\n" * 50)))
    with pytest.raises(InputError, match="the gzip data are damaged"):
        lines(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_line_without_end_is_refused_before_it_is_all_read(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(jsonl, "MAX_LINE", 1000)
    path = tmp_path / "long"
    path.write_bytes(pack(b"short\n" + b"x" * 1000 + b"\n"))
    with pytest.raises(InputError, match="long:2: longer than 1000 bytes"):
        lines(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_read_is_bounded(tmp_path, pack):
    path = tmp_path / "list"
    path.write_bytes(pack(b" \n[1, 2]"))
    with open_input(path) as file:
        assert file.starts_with(b"[")
        assert not file.starts_with(b"{")
        assert file.read(100) == b" \n[1, 2]"
    with open_input(path) as file, pytest.raises(InputError, match="larger than 4 bytes"):
        file.read(4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"a": ', "f:1: not JSON: Expecting value"),
        (b"\xff{}", r"f:1: not UTF-8 \(byte 0"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b"[" * 100_000, "f:1: not usable JSON"),
        (b'{"a": %s}' % (b"9" * 5000), "f:1: not usable JSON"),
        (b"[]", "object is expected, not a list"),
        (b"null", "object is expected, not null"),
    ],
)
def test_what_is_no_object(text, message):
    with pytest.raises(InputError, match=message):
        parse_object(text, "f:1")
