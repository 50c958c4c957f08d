"""A folder of verifiers' results before verifiers goes on with it."""

import json

import pytest

from livecodebench.environment.resuming import prepare_resume
from livecodebench.errors import InputError

IDS = ["own_a", "own_b", "own_c"]
ENV_ARGS = {"dataset": "own", "all_tests": False, "backend": "local", "slots": 2}
SAMPLING = {"n": 1, "temperature": 0.2, "extra_body": {}}


def line(example_id, *, error=None, question_id=None):
    info = {"question_id": question_id or IDS[example_id]}
    return json.dumps({"example_id": example_id, "info": info, "error": error, "reward": 0.0})


@pytest.fixture
def folder(tmp_path):
    def make(*lines, **metadata):
        stored = {"env_args": ENV_ARGS, "sampling_args": SAMPLING} | metadata
        (tmp_path / "metadata.json").write_text(json.dumps(stored))
        (tmp_path / "results.jsonl").write_text("".join(f"{each}\n" for each in lines))
        return tmp_path

    return make


def prepare(folder, **arguments):
    return prepare_resume(
        folder, **({"env_args": ENV_ARGS, "sampling_args": SAMPLING, "question_ids": IDS} | arguments)
    )


def test_rollouts_with_an_error_are_taken_out_and_others_kept_as_they_are(folder):
    good = [line(0), line(1)]
    path = folder(good[0], line(2, error={"error": "SandboxError"}), good[1], line(0, error={"error": "ModelError"}))
    assert prepare(path) == 2
    assert (path / "results.jsonl").read_text().splitlines() == good
    assert prepare(path) == 0


def test_without_errors_the_file_is_not_touched(folder):
    path = folder(line(0), '{"torn": ')
    before = (path / "results.jsonl").read_bytes()
    assert prepare(path) == 0
    assert (path / "results.jsonl").read_bytes() == before


def test_a_torn_line_goes_with_the_errors(folder):
    path = folder(line(0), line(1, error={}), '{"torn": ')
    assert prepare(path) == 1
    assert (path / "results.jsonl").read_text().splitlines() == [line(0)]


def test_a_new_folder_is_fine(tmp_path):
    assert prepare(tmp_path / "new") == 0
    assert not (tmp_path / "new").exists()


def test_results_of_another_dataset_are_refused(folder):
    path = folder(line(0), line(1, question_id="other"))
    with pytest.raises(
        InputError, match=r"results\.jsonl:2: info\.question_id: 'other' there, example 1 is 'own_b' now"
    ):
        prepare(path)
    with pytest.raises(InputError, match="example 1 is None now"):
        prepare(path, question_ids=IDS[:1])
    prepare(path, question_ids=None)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"env_args": ENV_ARGS | {"all_tests": True}}, "env_args.all_tests: False there, True now"),
        ({"env_args": ENV_ARGS | {"time_limit": 2.0}}, "env_args.time_limit: None there, 2.0 now"),
        ({"sampling_args": SAMPLING | {"temperature": 1.0}}, "sampling_args.temperature: 0.2 there, 1.0 now"),
    ],
)
def test_results_of_another_run_are_refused(folder, changed, message):
    path = folder(line(0))
    with pytest.raises(InputError, match=message):
        prepare(path, **changed)


def test_a_run_may_be_finished_elsewhere(folder):
    assert prepare(folder(line(0)), env_args={**ENV_ARGS, "backend": "kubernetes", "pool_size": 30, "slots": None}) == 0
