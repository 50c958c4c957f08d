"""The command itself: help, start-up, unexpected ends; and `run`, `report` and `doctor` where nothing is executed."""

import json
import os
import subprocess
import sys

import pytest

from lcb_ray.errors import SandboxUnusable
from livecodebench import diagnosis, distribution
from livecodebench.cli import options

COMMANDS = ["grade", "run", "report", "doctor"]


def test_help_teaches(cli):
    ended = cli("--help")
    assert ended.status == 0
    for name in COMMANDS:
        assert f"  {name} " in ended.out
        text = cli(name, "--help").out
        assert f"livecodebench {name}" in text[text.index("Examples:") :]
        assert "Exit status:" in text


def test_help_comes_without_what_takes_long_to_import():
    code = (
        "import sys\n"
        "sys.argv[1:] = ['--help']\n"
        "from livecodebench.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "slow = {'rich', 'numpy', 'ray', 'verifiers', 'httpx', 'aiohttp', 'asyncio', 'huggingface_hub', 'docker',"
        " 'kubernetes', 'email', 'livecodebench.dataset.opening', 'livecodebench.judging.judge', 'lcb_ray.local'}\n"
        "print(sorted(slow & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_nothing_asked_shows_the_help_and_is_an_error(cli):
    assert cli().status == 2
    assert cli("nonsense").status == 2


def test_a_bug_shows_its_traceback_and_ends_with_70(cli, monkeypatch, write, data):
    def broken(name, **filters):
        raise RuntimeError("a bug\x1b[2J")

    monkeypatch.setattr(options, "open_dataset", broken)
    ended = cli("grade", write(b"{}", "a.jsonl"), "--dataset", "mini")
    assert (ended.status, ended.out) == (70, "")
    assert "RuntimeError: a bug\\x1b[2J" in ended.err
    assert "this is a bug" in ended.err


def test_a_reader_that_leaves_is_no_error(tmp_path):
    from livecodebench.results.folder import ResultsFolder
    from tests.unit.results_samples import FINGERPRINT, PLAN

    ResultsFolder(tmp_path / "out", fingerprint=FINGERPRINT, plan=PLAN).close()
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "livecodebench", "report", tmp_path / "out"],
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_locale_that_knows_little_does_not_end_it(tmp_path):
    from livecodebench.results.folder import ResultsFolder
    from livecodebench.results.plan import Plan, ProblemFacts
    from tests.unit.results_samples import FINGERPRINT

    plan = Plan(1, {"p1": ProblemFacts("easy", "leetcode", "2024-01")}, {"模型": {"p1": 1}})
    ResultsFolder(tmp_path / "out", fingerprint=FINGERPRINT, plan=plan).close()
    done = subprocess.run(
        [sys.executable, "-m", "livecodebench", "report", tmp_path / "out"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=True,
    )
    assert rb"\u6a21\u578b" in done.stdout


class TestRun:
    @pytest.fixture(autouse=True)
    def _nothing_runs(self, monkeypatch):
        def refuse(name, **sizes):
            pytest.fail("nothing may be executed")

        monkeypatch.setattr(options, "open_pool", refuse)

    @pytest.fixture
    def dataset(self, write, data):
        return write([data.row("p1")], "problems.jsonl")

    @pytest.fixture
    def solution(self, tmp_path):
        path = tmp_path / "solution.py"
        path.write_text("print(1)")
        return path

    def refused(self, ended, word):
        assert (ended.status, ended.out) == (2, "")
        assert word in ended.err

    def test_problem(self, cli, dataset, solution):
        run = ("run", solution, "--dataset", dataset)
        self.refused(cli(*run), "--problem")
        self.refused(cli(*run, "--problem", "p2"), "the dataset has no problem 'p2'")

    def test_a_problem_that_the_filters_leave_out(self, cli, write, data, solution):
        dataset = write([data.row("p1"), data.row("p2", difficulty="hard")], "problems.jsonl")
        ended = cli("run", solution, "--dataset", dataset, "--problem", "p1", "--difficulty", "hard")
        self.refused(ended, "the filters leave 'p1' out")

    def test_program(self, cli, dataset, tmp_path):
        rest = ("--dataset", dataset, "--problem", "p1")
        self.refused(cli("run", tmp_path / "no.py", *rest), "no.py: cannot be read: No such file or directory")
        self.refused(cli("run", tmp_path, *rest), "cannot be read: Is a directory")
        (tmp_path / "latin.py").write_bytes(b"print('\xe9')")
        self.refused(cli("run", tmp_path / "latin.py", *rest), "latin.py: is not UTF-8 (byte 7)")
        (tmp_path / "big.py").write_bytes(b"#" * (5 << 20))
        self.refused(cli("run", tmp_path / "big.py", *rest), "big.py: is larger than")


class TestReport:
    def test_no_results(self, cli, tmp_path):
        ended = cli("report", tmp_path)
        assert (ended.status, ended.out) == (2, "")
        assert "no run.json there" in ended.err

    def test_a_run_that_goes_on(self, cli, tmp_path):
        from livecodebench.results.folder import ResultsFolder
        from tests.unit.results_samples import FINGERPRINT, KEYS, PLAN, judged

        with ResultsFolder(tmp_path / "out", fingerprint=FINGERPRINT, plan=PLAN) as results:
            results.append(judged(KEYS[0]))
            ended = cli("report", tmp_path / "out", "--json")
        assert ended.status == 0
        summary = json.loads(ended.out)
        assert (summary["judged"], summary["submissions"], summary["complete"]) == (1, 7, False)


class TestOwner:
    """Another distribution that installs a module of our name, as NVIDIA's does."""

    @pytest.fixture
    def nvidia(self, tmp_path, monkeypatch):
        info = tmp_path / "site" / "nvidia_livecodebench-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nvidia-livecodebench\nVersion: 1.0\n")
        (info / "RECORD").write_text("livecodebench/__init__.py,,\nlivecodebench/runner.py,,\n")
        (tmp_path / "site" / "livecodebench").mkdir()
        (tmp_path / "site" / "livecodebench" / "runner.py").write_text("")  # files that are gone do not count
        innocent = tmp_path / "site" / "livecodebench_tools-1.0.dist-info"
        innocent.mkdir()
        (innocent / "METADATA").write_text("Metadata-Version: 2.1\nName: livecodebench-tools\nVersion: 1.0\n")
        (innocent / "RECORD").write_text("lcb_tools.py,,\n")
        monkeypatch.syspath_prepend(tmp_path / "site")

    def test_none_here(self):
        assert distribution.likely_owners() == distribution.all_owners() == []

    @pytest.mark.usefixtures("nvidia")
    def test_found(self):
        assert distribution.likely_owners() == ["nvidia-livecodebench"]
        assert distribution.all_owners() == ["nvidia-livecodebench"]

    @pytest.mark.usefixtures("nvidia")
    def test_told_once_by_every_command(self, cli, tmp_path):
        ended = cli("report", tmp_path)
        assert ended.err.count("warning: nvidia-livecodebench also installs a Python package") == 1
        assert "pip uninstall nvidia-livecodebench" in ended.err


class TestDoctor:
    def test_a_machine_that_lacks_a_property(self, cli, monkeypatch):
        def unusable(name, **sizes):
            raise SandboxUnusable("this machine cannot jail programs safely: no_network: a program can open a socket")

        monkeypatch.setattr(diagnosis, "open_pool", unusable)
        ended = cli("doctor")
        assert ended.status == 4
        assert ended.out.splitlines()[-1] == "The local backend does not work here."
        assert "no_network: a program can open a socket" in ended.out
        document = json.loads(cli("doctor", "--json").out)
        assert document["works"] is False
        assert [check["health"] for check in document["checks"] if check["name"] == "local backend"] == ["fail"]

    def test_another_platform_is_sent_to_docker(self, cli, monkeypatch):
        monkeypatch.setattr(sys, "platform", "darwin")
        ended = cli("doctor")
        assert ended.status == 4
        assert "use --backend docker" in ended.out

    def test_an_owner_of_our_name(self, cli, monkeypatch):
        monkeypatch.setattr(diagnosis, "all_owners", lambda: ["nvidia-livecodebench"])
        monkeypatch.setattr(diagnosis, "_local", lambda: (None, []))
        assert "also installed by nvidia-livecodebench" in cli("doctor").out
