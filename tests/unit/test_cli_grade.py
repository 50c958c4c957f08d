"""`grade` up to the sandbox, and what it does where the sandbox fails; the agent here is scripted.

With real programs: tests/jail/test_commands.py.
"""

import fcntl
import gzip
import json
import os
import pickle  # noqa: TID251 - makes the hostile file; nothing is unpickled
import resource
import signal
import threading
from collections import Counter

import pytest

from lcb_ray.agent.protocol import ExecutionResult, Outcome
from lcb_ray.errors import PoolUnavailable
from lcb_ray.fake import FakeAgent, Fault, compiles
from lcb_ray.local import LocalPool
from livecodebench.cli import options

ANSWERS = [
    {"model": "m", "question_id": "p1", "code_list": ["double", "wrong"]},
    {"model": "m", "question_id": "p2", "code_list": ["double", "lost"]},
]


def answer(program, index, data):
    """`double` is right, `wrong` is not, `lost` takes its sandbox down."""
    if program.source == b"lost":
        return Fault("internal")
    printed = b"%d\n" % (int(data) * 2) if program.source == b"double" else b"no\n"
    return ExecutionResult(index=index, outcome=Outcome.EXITED, exit_code=0, stdout=printed)


@pytest.fixture
def sandbox(monkeypatch):
    """Replace the agent by a scripted one; returns a list that fills with the source of every program it is given."""
    given = []

    def script(program, index, data):
        given.append(program.source.decode())
        return answer(program, index, data)

    monkeypatch.setattr(
        options,
        "open_pool",
        lambda name, *, pool_size, slots: LocalPool(slots or 2, start=lambda: FakeAgent(compiles(script))),
    )
    return given


@pytest.fixture
def no_sandbox(monkeypatch):
    def refuse(name, **sizes):
        pytest.fail("nothing may be executed")

    monkeypatch.setattr(options, "open_pool", refuse)


@pytest.fixture
def dataset(write, data):
    later = data.row("p2", contest_date="2024-09-01T00:00:00")
    return write([data.row("p1"), later, data.row("p3")], "problems.jsonl")


@pytest.fixture
def answers(write):
    return write(ANSWERS, "answers.jsonl")


def keys(folder):
    lines = [json.loads(line) for line in (folder / "judgements.jsonl").read_text().splitlines()]
    return Counter((line["model"], line["question_id"], line["sample"]) for line in lines)


WANTED = Counter({("m", "p1", 0): 1, ("m", "p1", 1): 1, ("m", "p2", 0): 1, ("m", "p2", 1): 1})


def test_a_table_and_nothing_else_on_standard_output(cli, dataset, write, sandbox):
    ended = cli("grade", write(ANSWERS[:1], "a.jsonl"), "--dataset", dataset)
    assert ended.status == 0
    assert ended.out.startswith("Score\n")
    assert "50.0%" in ended.out
    assert ended.err.splitlines()[0] == "judging 2 submissions"


def test_json_is_one_document_and_the_same_as_the_file(cli, dataset, write, sandbox, tmp_path):
    ended = cli("grade", write(ANSWERS[:1], "a.jsonl"), "--dataset", dataset, "--json", "--output", tmp_path / "out")
    assert ended.status == 0
    summary = json.loads(ended.out)
    assert summary == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["pass@1"] == 0.5
    assert summary["problems_missing"] == 2
    assert summary["dataset"]["name"] == str(dataset)
    assert (tmp_path / "out" / "official" / "m" / "_eval.json").exists()


def test_an_infrastructure_error_ends_with_3_and_is_judged_again(cli, dataset, answers, sandbox, tmp_path):
    folder = tmp_path / "out"
    ended = cli("grade", answers, "--dataset", dataset, "--output", folder, "--json")
    assert ended.status == 3
    summary = json.loads(ended.out)
    assert (summary["errors"], summary["judged"], summary["pass@1"]) == (1, 3, None)
    assert summary["pass@1_range"] == [0.5, 0.75]
    assert "1 submissions have no verdict because the infrastructure failed: the same command judges them" in ended.err
    assert keys(folder) == WANTED
    assert not (folder / "official").exists()

    sandbox.clear()
    again = cli("grade", answers, "--dataset", dataset, "--output", folder)
    assert set(sandbox) == {"lost"}
    assert again.status == 3
    assert "resuming: 3 of 4 judged, 1 infrastructure errors are judged again" in again.err
    assert keys(folder) == WANTED


def test_a_finished_run_needs_no_sandbox(cli, dataset, write, sandbox, tmp_path, monkeypatch):
    answers = write(ANSWERS[:1], "a.jsonl")
    first = cli("grade", answers, "--dataset", dataset, "--output", tmp_path / "out")

    def refuse(name, **sizes):
        pytest.fail("nothing is left to be executed")

    monkeypatch.setattr(options, "open_pool", refuse)
    second = cli("grade", answers, "--dataset", dataset, "--output", tmp_path / "out")
    assert second.status == 0
    assert second.out == first.out
    assert second.err == "resuming: 2 of 2 judged\n"


def test_the_rest_is_judged_whatever_path_leads_to_the_files(cli, dataset, answers, sandbox, tmp_path, monkeypatch):
    assert cli("grade", answers, "--dataset", dataset, "--output", tmp_path / "out").status == 3
    monkeypatch.chdir(tmp_path)
    ended = cli("grade", answers.name, "--dataset", dataset.name, "--output", "out")
    assert "resuming: 3 of 4 judged" in ended.err


def test_answers_to_problems_that_the_filters_leave_out_are_left_out(cli, dataset, answers, sandbox):
    ended = cli("grade", answers, "--dataset", dataset, "--end-date", "2024-08-01", "--json")
    assert ended.status == 0
    assert json.loads(ended.out)["submissions"] == 2
    assert "2 answers are left out: the filters leave out their problems." in ended.err


def test_settings_come_from_options_then_the_environment(cli, dataset, answers, sandbox, monkeypatch):
    monkeypatch.setenv("LIVECODEBENCH_DATASET", str(dataset))
    monkeypatch.setenv("LIVECODEBENCH_IDS", "p1")
    monkeypatch.setenv("LIVECODEBENCH_TIME_LIMIT", "2.5")
    assert json.loads(cli("grade", answers, "--json").out)["dataset"]["filters"] == {"ids": ["p1"]}
    found = cli("grade", answers, "--json", "--ids", "p2", "--ids", "p3")
    assert json.loads(found.out)["dataset"]["filters"] == {"ids": ["p2", "p3"]}


def test_without_a_backend_it_ends_with_4_and_can_be_resumed(cli, dataset, answers, tmp_path, monkeypatch):
    def unavailable(name, **sizes):
        raise PoolUnavailable("no sandbox to be had")

    monkeypatch.setattr(options, "open_pool", unavailable)
    ended = cli("grade", answers, "--dataset", dataset, "--output", tmp_path / "out")
    assert (ended.status, ended.out) == (4, "")
    assert "no sandbox to be had" in ended.err
    assert "livecodebench doctor" in ended.err
    assert keys(tmp_path / "out") == Counter()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_cleanly_and_it_can_be_resumed(
    cli, dataset, answers, sandbox, tmp_path, monkeypatch, number, status
):
    main = threading.main_thread().ident

    def stopping(program, index, data):
        if program.source == b"wrong":
            signal.pthread_kill(main, number)
            threading.Event().wait()  # until the pool is closed: this one is under way when the signal comes
        return answer(program, index, data)

    with monkeypatch.context() as patch:
        agent = FakeAgent(compiles(stopping))
        patch.setattr(options, "open_pool", lambda name, **sizes: LocalPool(1, start=lambda: agent))
        ended = cli("grade", answers, "--dataset", dataset, "--output", tmp_path / "out")
    assert (ended.status, ended.out) == (status, "")
    assert f"Interrupted by {number.name}: 1 of 4 are judged and kept in {tmp_path / 'out'}" in ended.err
    assert not agent.alive()
    assert signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL)
    interrupted = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (interrupted["judged"], interrupted["errors"], interrupted["complete"]) == (1, 0, False)

    again = cli("grade", answers, "--dataset", dataset, "--output", tmp_path / "out")
    assert again.status == 3
    assert "resuming: 1 of 4 judged" in again.err
    assert keys(tmp_path / "out") == WANTED


def test_a_disk_that_fills_up_is_told_and_loses_nothing(cli, dataset, answers, sandbox, tmp_path):
    folder = tmp_path / "out"
    cli("grade", answers, "--dataset", dataset, "--output", folder)
    path = folder / "judgements.jsonl"
    path.write_text("")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((folder / "run.json").stat().st_size + 100, before[1]))
    try:
        # run.json still fits; the judgements, a line of 250 bytes each, do not all.
        ended = cli("grade", answers, "--dataset", dataset, "--output", folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert ended.status == 74
    assert "cannot write: File too large" in ended.err
    assert path.read_bytes().endswith(b"}\n") or path.read_bytes() == b""
    assert cli("grade", answers, "--dataset", dataset, "--output", folder).status == 3
    assert keys(folder) == WANTED


class TestBadInput:
    """Each ends with 2, nothing on standard output, and nothing executed."""

    @pytest.fixture(autouse=True)
    def _nothing_runs(self, no_sandbox):
        pass

    def refused(self, ended, *words):
        assert (ended.status, ended.out) == (2, "")
        assert "Traceback" not in ended.err
        for word in words:
            assert word in ended.err

    def test_no_file(self, cli, dataset, tmp_path):
        self.refused(cli("grade", tmp_path / "no.jsonl", "--dataset", dataset), "no.jsonl: no such file")

    def test_truncated_gzip(self, cli, dataset, tmp_path):
        path = tmp_path / "a.jsonl.gz"
        path.write_bytes(gzip.compress(json.dumps(ANSWERS[0]).encode() * 500)[:-20])
        self.refused(cli("grade", path, "--dataset", dataset), "a.jsonl.gz:1: the gzip data end too early")

    def test_broken_line(self, cli, dataset, write):
        path = write(json.dumps(ANSWERS[0]).encode() + b'\n{"question_id": "p1"\n', "a.jsonl")
        self.refused(cli("grade", path, "--dataset", dataset), "a.jsonl:2: not JSON")

    def test_empty_file(self, cli, dataset, write):
        self.refused(cli("grade", write(b"", "a.jsonl"), "--dataset", dataset), "the file is empty")

    def test_no_answers(self, cli, dataset, write):
        path = write([{"question_id": "p1", "code_list": []}], "a.jsonl")
        self.refused(cli("grade", path, "--dataset", dataset), "there is nothing to judge")

    def test_unknown_problem(self, cli, dataset, write):
        path = write([*ANSWERS, {"question_id": "nope", "code_list": ["x"]}], "a.jsonl")
        self.refused(cli("grade", path, "--dataset", dataset), "no problem nope", "--skip-unknown")

    def test_hostile_private_tests_are_found_before_anything_runs(self, cli, write, data, answers):
        private = data.packed_pickle(pickle.dumps(os.getpid))
        dataset = write([data.row("p1", private_test_cases=private), data.row("p2")], "problems.jsonl")
        self.refused(cli("grade", answers, "--dataset", dataset), "problems.jsonl:1", "private_test_cases")

    def test_another_fingerprint(self, cli, dataset, answers, tmp_path, sandbox):
        cli("grade", answers, "--dataset", dataset, "--output", tmp_path / "out")
        self.refused(
            cli(
                "grade", answers, "--dataset", dataset, "--output", tmp_path / "out", "--time-limit", "2", "--all-tests"
            ),
            "all_tests: false there, true now",
            "limits.cpu_s: 6.0 there, 2.0 now",
            "--overwrite",
        )

    def test_a_folder_of_somebody_else(self, cli, dataset, answers, tmp_path):
        ended = cli("grade", answers, "--dataset", dataset, "--output", tmp_path)
        self.refused(ended, "is not empty and holds no run.json")

    def test_unwritable_output(self, cli, dataset, answers):
        self.refused(cli("grade", answers, "--dataset", dataset, "--output", "/proc/x"), "/proc/x: cannot write")
        self.refused(cli("grade", answers, "--dataset", dataset, "--output", answers), "this is a file, not a folder")

    def test_output_in_use(self, cli, dataset, answers, tmp_path, sandbox):
        cli("grade", answers, "--dataset", dataset, "--output", tmp_path / "out")
        with (tmp_path / "out" / ".lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            ended = cli("grade", answers, "--dataset", dataset, "--output", tmp_path / "out")
        self.refused(ended, "another livecodebench process is writing there")

    @pytest.mark.parametrize(
        ("option", "value", "told"),
        [
            ("--grading", "strict", "'strict' is unknown: choose one of standard, official"),
            ("--extraction", "first", "'first' is not known"),
            ("--time-limit", "0", "--time-limit: must be more than 0"),
            ("--time-limit", "nan", "--time-limit: must be more than 0"),
            ("--memory-limit", "1", "--memory-limit: must be 16 to"),
            ("--start-date", "2024", "is no day like"),
            ("--difficulty", "brutal", "is none of easy, medium, hard"),
            ("--ids", "p1,p9", "has no problem p9"),
            ("--first", "x", "valid integer"),
            ("--nonsense", "1", "--nonsense"),
        ],
    )
    def test_options(self, cli, dataset, answers, option, value, told):
        self.refused(cli("grade", answers, "--dataset", dataset, option, value), told)

    def test_sizes_and_backends(self, cli, dataset, answers, monkeypatch):
        monkeypatch.undo()
        for name, value, told in [("--slots", "0", "--slots must be"), ("--backend", "moon", "'moon' is unknown")]:
            self.refused(cli("grade", answers, "--dataset", dataset, name, value), told)

    def test_two_models_that_reports_could_not_tell_apart(self, cli, dataset, write):
        rows = [{"question_id": "p1", "code_list": ["x"]}, {"model": "null", "question_id": "p1", "code_list": ["x"]}]
        self.refused(cli("grade", write(rows, "a.jsonl"), "--dataset", dataset), 'a model is called "null"')

    def test_no_dataset(self, cli, answers):
        self.refused(cli("grade", answers), "--dataset")
