"""Small dataset files, written by the tests that read them; and Hypothesis on a busy machine."""

from __future__ import annotations

import base64
import gzip
import json
import os
import pickle  # noqa: TID251 - packs what the official authors packed; nothing is unpickled
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Time says nothing here: the first use of text builds a table for seconds, and neighbours take the processor.
_PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("unit", max_examples=25, **_PATIENT)
settings.register_profile("thorough", max_examples=1000, **_PATIENT)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "unit"))

Row = dict[str, Any]


def packed(tests: object) -> str:
    """A private_test_cases column as the official dataset has it."""
    return packed_pickle(pickle.dumps(json.dumps(tests)))


def packed_pickle(data: bytes) -> str:
    """The same around any pickle."""
    return base64.b64encode(zlib.compress(data)).decode()


def make_test(number: int = 1) -> Row:
    return {"input": f"{number}\n", "output": f"{number * 2}\n", "testtype": "stdin"}


def make_row(question_id: str = "abc001_a", **columns: object) -> Row:
    row: Row = {
        "question_title": "Twice",
        "question_content": "Print twice the number.",
        "platform": "atcoder",
        "question_id": question_id,
        "contest_id": "abc001",
        "contest_date": "2024-08-01T00:00:00",
        "starter_code": "",
        "difficulty": "easy",
        "public_test_cases": json.dumps([make_test(1)]),
        "private_test_cases": packed([make_test(2), make_test(3)]),
        "metadata": "{}",
    }
    return row | columns


def write_jsonl(path: Path, rows: Iterable[object]) -> Path:
    """Write JSONL, gzip where the name says so."""
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


class DatasetFiles:
    """What a test needs to make dataset files; a fixture, since test modules cannot import each other."""

    packed = staticmethod(packed)
    packed_pickle = staticmethod(packed_pickle)
    test = staticmethod(make_test)
    row = staticmethod(make_row)
    write = staticmethod(write_jsonl)


@pytest.fixture(scope="session")
def data() -> type[DatasetFiles]:
    return DatasetFiles


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write rows to a file of this name, or the bytes as they are."""

    def write(rows: Iterable[object] | bytes, name: str = "problems.jsonl") -> Path:
        path = tmp_path / name
        if isinstance(rows, bytes):
            path.write_bytes(rows)
            return path
        return write_jsonl(path, rows)

    return write
