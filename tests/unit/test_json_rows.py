"""Rows of JSONL and of a JSON list."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecodebench.errors import InputError
from livecodebench.files import json_rows as module
from livecodebench.files.json_rows import json_rows
from livecodebench.files.jsonl import open_input


def rows(path):
    with open_input(path) as file:
        return [(place.removeprefix(f"{path}:"), row) for place, row in json_rows(file, path)]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_both_shapes(tmp_path, pack):
    path = tmp_path / "rows"
    path.write_bytes(pack(b'{"a": 1}\n\n{"a": "]"}'))
    assert rows(path) == [("1", {"a": 1}), ("3", {"a": "]"})]
    path.write_bytes(pack(b'\n [ {"a": 1}\n,{"a":\n "\xc3\xa9,["},\n\n{"a": []}\n]\n'))
    assert rows(path) == [("2", {"a": 1}), ("3", {"a": "é,["}), ("6", {"a": []})]
    path.write_bytes(pack(b"[\n]"))
    assert rows(path) == []


TEXT = st.text('a[]{},:"\\\n é', max_size=4)


@given(
    st.lists(st.dictionaries(TEXT, TEXT | st.lists(st.none(), max_size=2), max_size=3), max_size=4),
    st.sampled_from([None, 0, 4]),
)
def test_a_list_is_read_as_json_reads_it(tmp_path_factory, values, indent):
    path = tmp_path_factory.getbasetemp() / "list.json"
    text = json.dumps(values, indent=indent)
    path.write_text(text)
    found = rows(path)
    assert [row for _, row in found] == values
    lines = text.split("\n")
    assert all(lines[int(line) - 1].lstrip().startswith(("[", "{")) for line, _ in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'[{"a": 1},\n{"a": "cut', "rows:2: not usable JSON in the row that begins here: Unterminated string"),
        (b'[{"a": 1}', "rows:1: not JSON: a comma or the end of the list is expected"),
        (b'[{"a": 1} {"a": 2}]', "rows:1: not JSON: a comma"),
        (b'[{"a": 1},\n]', "rows:2: not usable JSON"),
        (b'[\n,{"a": 1}]', "rows:2: not usable JSON"),
        (b'[{"a": 1}]\n[]', "rows:1: not JSON: more text after the end"),
        (b"[[]]", "rows:1: each row of the list must be an object, not a list"),
        (b'[{"a": 1},\n"\xff"]', "rows:2: not UTF-8"),
        (b'[{"a": ' + b"[" * 100_000, "rows:1: not usable JSON"),
        (b"[", "rows:1: not usable JSON"),
        (b'{"a": 1}\n{"a":', "rows:2: not JSON"),
        (b'{\n"a": 1}', "rows:1: not JSON"),
        (b"3", "rows:1: a JSON object is expected, not a number"),
    ],
)
def test_what_is_no_row_is_named(tmp_path, text, message):
    path = tmp_path / "rows"
    path.write_bytes(text)
    with pytest.raises(InputError) as caught:
        rows(path)
    assert str(caught.value).removeprefix(f"{tmp_path}/").startswith(message)


def test_a_list_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_LIST", 10)
    path = tmp_path / "rows"
    path.write_bytes(b'[{"a": 12345}]')
    with pytest.raises(InputError, match="larger than 10 bytes: write it as JSONL"):
        rows(path)
