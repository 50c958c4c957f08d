from __future__ import annotations

import hashlib

import pytest

from livecodebench.errors import InputError
from livecodebench.report.programs import find_programs


def test_numbers_go_on_over_the_file_by_model_and_problem(write):
    path = write(
        [
            {"question_id": "p", "model": "m", "code_list": ["m0", "m1"]},
            {"question_id": "p", "code_list": ["n0"]},
            {"question_id": "q", "model": "m", "code_list": ["no"]},
            {"question_id": "p", "model": "m", "output_list": ["```python\nm2\n```"]},
        ]
    )
    wanted = {("m", "p", 1), ("m", "p", 2), (None, "p", 0), ("m", "p", 9)}
    assert find_programs(path, wanted, rule="official") == {
        ("m", "p", 1): "m1",
        ("m", "p", 2): "m2",
        (None, "p", 0): "n0",
    }


def test_an_evaluation_that_lacks_samples_says_which_it_has(write):
    path = write([{"question_id": "p", "model": "m", "code_list": ["s0", "s2"], "samples": [0, 2]}])
    assert find_programs(path, {("m", "p", 2)}, rule="official") == {("m", "p", 2): "s2"}


def test_another_file_is_refused(write):
    path = write([{"question_id": "p", "code_list": ["x"]}])
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert find_programs(path, {(None, "p", 0)}, rule="official", sha256=sha256) == {(None, "p", 0): "x"}
    with pytest.raises(InputError, match="not the file that was judged"):
        find_programs(path, {(None, "p", 0)}, rule="official", sha256="00")


@pytest.mark.parametrize(
    "row", [{"question_id": "p", "code_list": 3}, {"question_id": 4}, {"question_id": "p", "model": []}]
)
def test_rows_that_are_odd_have_no_programs(write, row):
    assert find_programs(write([row]), {(None, "p", 0)}, rule="official") == {}
