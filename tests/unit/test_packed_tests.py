"""A problem's tests as bytes: what comes out is what the judge would have made of them here."""

from __future__ import annotations

import base64
import json
import pickle  # noqa: TID251 - writes what the dataset's authors write; nothing is read with it
import subprocess
import sys
import zlib

import pytest

from livecodebench.dataset.opening import open_dataset
from livecodebench.errors import DatasetError
from livecodebench.judging.packed_tests import cases_of, packed_tests, unpack_tests


@pytest.fixture
def dataset(tmp_path):
    """One problem as the official files have it: hidden tests packed."""

    def dataset(tests):
        row = json.loads(
            json.dumps(
                {
                    "question_title": "t",
                    "question_content": "c",
                    "platform": "atcoder",
                    "question_id": "abc999_a",
                    "contest_id": "abc999",
                    "contest_date": "2024-01-01T00:00:00",
                    "starter_code": "",
                    "difficulty": "easy",
                    "public_test_cases": json.dumps([{"input": "é\n", "output": "1", "testtype": "stdin"}]),
                    "metadata": "{}",
                }
            )
        )
        packed = base64.b64encode(zlib.compress(pickle.dumps(json.dumps(tests)))).decode()
        row["private_test_cases"] = packed
        path = tmp_path / "problems.jsonl"
        path.write_text(json.dumps(row) + "\n")
        return path, packed

    return dataset


def test_hidden_tests_travel_packed(dataset):
    path, packed = dataset([{"input": "2\n", "output": "3\n", "testtype": "stdin"}])
    problem = open_dataset(str(path))["abc999_a"]
    data = packed_tests(problem).read()
    assert data.endswith(packed.encode())
    assert list(unpack_tests(data)) == list(cases_of(problem.tests()))
    assert len(problem.tests()) == 2


def test_all_problems_of_the_mini_dataset_survive():
    problems = open_dataset("mini")
    for problem in problems.values():
        packed = packed_tests(problem)
        assert list(packed.unpack(packed.read())) == list(cases_of(problem.tests()))


def test_two_openings_of_a_file_are_two_keys_with_one_content(dataset):
    path, _ = dataset([])
    one, other = (packed_tests(open_dataset(str(path))["abc999_a"]) for _ in range(2))
    again = packed_tests(open_dataset(str(path))["abc999_a"])
    assert len({one.key, other.key, again.key}) == 3
    assert one.read() == other.read()


def test_broken_tests_are_told_with_their_place(dataset):
    path, _ = dataset([{"input": 1}])
    problem = open_dataset(str(path))["abc999_a"]
    with pytest.raises(DatasetError, match=r"problems\.jsonl:1"):
        unpack_tests(packed_tests(problem).read())


def test_what_unpacks_and_checks_needs_the_standard_library_only():
    """A sandbox actor's environment has Ray, and nothing else that this project depends on."""
    code = """
import importlib, sys
for name in ("lcb_ray.execute", "lcb_ray.parcel", "lcb_ray.ray_pool.work", "livecodebench.judging.packed_tests",
             "livecodebench.judging.standard", "livecodebench.judging.official.replay"):
    importlib.import_module(name)
outside = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - {"__main__"}
assert outside == {"lcb_ray", "livecodebench"}, outside
"""
    import livecodebench

    root = str(livecodebench.__path__[0]).rpartition("/")[0]
    script = f"import sys; sys.path.insert(0, {root!r}){code}"
    subprocess.run([sys.executable, "-I", "-S", "-c", script], check=True, timeout=60)
