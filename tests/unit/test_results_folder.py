import json
import os
import resource
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livecodebench.errors import InputError, OutputError
from livecodebench.results.folder import ResultsFolder, load
from livecodebench.results.run_file import read_run_file
from livecodebench.verdict import Verdict
from tests.unit.results_samples import FINGERPRINT, INFO, KEYS, PLAN, judged


def opened(folder, *, fingerprint=FINGERPRINT, overwrite=False):
    return ResultsFolder(folder, fingerprint=fingerprint, plan=PLAN, overwrite=overwrite)


def lines(folder):
    return [json.loads(line) for line in (folder / "judgements.jsonl").read_text().splitlines()]


def keys(folder):
    return [(line["model"], line["question_id"], line["sample"]) for line in lines(folder)]


def test_a_run_from_start_to_end(tmp_path):
    folder = tmp_path / "deep" / "results"
    with opened(folder) as results:
        assert not results.resumed
        results.start_session(INFO)
        for key in KEYS:
            results.append(judged(key))
        summary = results.write_summary()

    assert lines(folder) == [judged(key).as_json() for key in KEYS]
    assert json.loads((folder / "summary.json").read_text()) == summary
    assert summary["sandbox"] == {
        "backend": "local",
        "python": "3.11.7",
        "numpy": "2.4.6",
        "layers": {"no_exec": ["seccomp", "landlock"], "no_network": ["seccomp"]},
    }
    assert summary["dataset"] == {**FINGERPRINT["dataset"], "problems": 4}
    assert summary["complete"] is True
    run = read_run_file(folder)
    assert run.plan == PLAN
    assert run.fingerprint == FINGERPRINT
    assert sorted(entry.name for entry in folder.iterdir()) == [".lock", "judgements.jsonl", "run.json", "summary.json"]


def test_the_summary_is_the_same_whether_counted_live_resumed_or_loaded(tmp_path):
    with opened(tmp_path) as results:
        for key in KEYS[:3]:
            results.append(judged(key, Verdict.ACCEPTED))
        live = results.summary()
    with opened(tmp_path) as results:
        assert results.summary() == live
    run, tally = load(tmp_path)
    assert tally.judged == 3
    assert run.plan == PLAN


def test_verdicts_are_kept_and_errors_run_again(tmp_path):
    with opened(tmp_path) as results:
        results.append(judged(KEYS[0]))
        results.append(judged(KEYS[1], None))
        results.append(judged(KEYS[2]))
        assert results.summary()["errors"] == 1

    with opened(tmp_path) as results:
        assert results.resumed
        assert (results.recovery.kept, results.recovery.errors) == (2, 1)
        assert results.done == {KEYS[0], KEYS[2]}
        assert results.summary()["errors"] == 0
        results.append(judged(KEYS[1], Verdict.ACCEPTED))

    assert lines(tmp_path) == [
        judged(key, verdict).as_json()
        for key, verdict in [
            (KEYS[0], Verdict.WRONG_ANSWER),
            (KEYS[2], Verdict.WRONG_ANSWER),
            (KEYS[1], Verdict.ACCEPTED),
        ]
    ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    cut=st.integers(0, 1300), junk=st.sampled_from([b"", b"\x00" * 40, b'{"model": null', b"\xff\n", b"[1]\n", b"\n"])
)
def test_whatever_the_end_looks_like_a_resumed_run_has_each_key_once(tmp_path, cut, junk):
    folder = tmp_path / f"{cut}-{junk.hex()}"
    with opened(folder) as results:
        for key in KEYS:
            results.append(judged(key))
    path = folder / "judgements.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:cut] + junk)

    with opened(folder) as results:
        kept = keys(folder)
        assert set(kept) == results.done
        assert len(kept) >= whole[:cut].count(b"\n") - 1
        for key in KEYS:
            if key not in results.done:
                results.append(judged(key))

    assert Counter(keys(folder)) == Counter(KEYS)
    assert sorted(path.read_bytes().splitlines()) == sorted(whole.splitlines())


def test_lines_in_the_middle_that_cannot_be_used_are_named_and_judged_again(tmp_path):
    with opened(tmp_path) as results:
        for key in KEYS[:3]:
            results.append(judged(key))
    path = tmp_path / "judgements.jsonl"
    first, _, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + b"{broken\n" + first + third.replace(b"wrong_answer", b"wrong"))

    with opened(tmp_path) as results:
        assert results.done == {KEYS[0]}
        told = results.recovery.damaged
    assert [text.split(": ")[0] for text in told] == [f"{path}:2", f"{path}:3", f"{path}:4"]
    assert "a second judgement of p1" in told[1]
    assert "'wrong' is not a valid Verdict" in told[2]
    assert path.read_bytes() == first


def test_another_fingerprint_is_refused_field_by_field(tmp_path):
    opened(tmp_path).close()
    other = {**FINGERPRINT, "limits": {"cpu_s": 2.0}, "extraction": "whole"}
    with pytest.raises(InputError) as refused:
        opened(tmp_path, fingerprint=other)
    assert str(refused.value) == (
        f"{tmp_path}: holds results of another run:\n"
        '  extraction: (not set) there, "whole" now\n'
        "  limits.cpu_s: 6.0 there, 2.0 now\n"
        "Choose another folder with --output, or start over in this one with --overwrite."
    )


def test_overwrite_starts_over_and_leaves_other_files_alone(tmp_path):
    with opened(tmp_path) as results:
        results.append(judged(KEYS[0]))
        results.write_summary()
    (tmp_path / "official" / "m").mkdir(parents=True)
    (tmp_path / "official" / "m" / "_eval.json").write_text("[]")
    (tmp_path / "generations.jsonl").write_text("kept\n")

    with opened(tmp_path, fingerprint={**FINGERPRINT, "grading": "official"}, overwrite=True) as results:
        assert not results.resumed
        assert results.done == set()
    assert (tmp_path / "judgements.jsonl").read_bytes() == b""
    assert (tmp_path / "generations.jsonl").read_text() == "kept\n"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        ".lock",
        "generations.jsonl",
        "judgements.jsonl",
        "run.json",
    ]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_of_somebody_else_is_never_touched(tmp_path, overwrite):
    (tmp_path / "judgements.jsonl").write_text("precious\n")
    with pytest.raises(InputError, match=r"is not empty and holds no run\.json"):
        opened(tmp_path, overwrite=overwrite)
    assert (tmp_path / "judgements.jsonl").read_text() == "precious\n"


def test_two_processes_cannot_write_one_folder(tmp_path):
    with opened(tmp_path), pytest.raises(InputError, match="another livecodebench process is writing there"):
        opened(tmp_path, overwrite=True)
    opened(tmp_path).close()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is damaged"),
        ("{}", "is damaged"),
        ('{"schema": 1, "fingerprint": {}, "sessions": [], "plan": {"problems": []}}', "is damaged"),
        ('{"schema": 7}', "has schema 7, this version knows 1"),
    ],
)
def test_a_damaged_run_file_is_told(tmp_path, content, told):
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(InputError, match=told):
        opened(tmp_path)


def test_a_judgement_that_the_run_does_not_know_is_refused(tmp_path):
    with opened(tmp_path) as results:
        results.append(judged(("m", "p1", 2)))
    with pytest.raises(InputError, match="'p1', sample 2, of model 'm'"):
        opened(tmp_path)
    with pytest.raises(InputError, match="'p1', sample 2, of model 'm'"):
        load(tmp_path)


def test_where_nothing_can_be_written_the_path_and_a_fix_are_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"file: cannot write: File exists; this is a file, not a folder"):
        opened(tmp_path / "file")
    with pytest.raises(OutputError, match=r"file/x: cannot write: Not a directory; .* choose another folder"):
        opened(tmp_path / "file" / "x")
    with pytest.raises(OutputError, match=r"/proc/nothing: cannot write: "):
        opened(Path("/proc/nothing"))


def test_a_full_disk_loses_nothing(tmp_path):
    with opened(tmp_path) as results:
        results.append(judged(KEYS[0]))
    path = tmp_path / "judgements.jsonl"
    kept = path.read_bytes()
    path.rename(tmp_path / "kept")
    path.symlink_to("/dev/full")
    with (
        pytest.raises(OutputError, match=r"judgements\.jsonl: cannot write: No space left on device; free some space"),
        opened(tmp_path) as results,
    ):
        results.append(judged(KEYS[1]))
    path.unlink()
    (tmp_path / "kept").rename(path)
    with opened(tmp_path) as results:
        assert results.done == {KEYS[0]}
    assert path.read_bytes() == kept


@contextmanager
def largest_file(size):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_line_that_fits_only_in_part_is_taken_back(tmp_path):
    path = tmp_path / "judgements.jsonl"
    with opened(tmp_path) as results:
        results.append(judged(KEYS[0]))
        size = path.stat().st_size
        with largest_file(size + 20), pytest.raises(OutputError, match=r"File too large; .*ulimit -f"):
            results.append(judged(KEYS[1]))
        assert path.stat().st_size == size
        results.append(judged(KEYS[1]))
    assert keys(tmp_path) == KEYS[:2]


def test_sessions_on_different_sandboxes_are_all_told(tmp_path):
    from dataclasses import replace

    with opened(tmp_path) as results:
        results.start_session(INFO)
    with opened(tmp_path) as results:
        results.start_session(replace(INFO, python="3.12.1"))
        sandbox = results.summary()["sandbox"]
    assert sandbox["python"] == "3.12.1"
    assert [one["python"] for one in sandbox["mixed"]] == ["3.11.7", "3.12.1"]


def test_a_folder_being_written_can_be_read(tmp_path):
    with opened(tmp_path) as results:
        results.append(judged(KEYS[0]))
        with (tmp_path / "judgements.jsonl").open("ab") as file:
            file.write(b'{"model": nu')
        _, tally = load(tmp_path)
    assert tally.judged == 1


def test_what_load_cannot_use_is_told_with_its_line(tmp_path):
    with opened(tmp_path) as results:
        results.append(judged(KEYS[0]))
    path = tmp_path / "judgements.jsonl"
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(InputError, match=r"jsonl:2: a second judgement of the same submission"):
        load(tmp_path)
    with pytest.raises(InputError, match=r"no run\.json there"):
        load(tmp_path / "elsewhere")


WRITER = """
    import sys
    from pathlib import Path
    from livecodebench.results.folder import ResultsFolder
    from tests.unit.results_samples import FINGERPRINT, INFO, KEYS, PLAN, judged
    with ResultsFolder(Path(sys.argv[1]), fingerprint=FINGERPRINT, plan=PLAN) as results:
        results.start_session(INFO)
        for key in KEYS:
            if key not in results.done:
                results.append(judged(key))
                print("judged", flush=True)
                sys.stdin.readline()
        results.write_summary()
"""


def test_killed_after_every_judgement_and_resumed(tmp_path):
    for finished in range(len(KEYS)):
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), tmp_path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        ) as writer:
            assert writer.stdout.readline() == b"judged\n"
            writer.send_signal(signal.SIGKILL)
        assert keys(tmp_path) == KEYS[: finished + 1]
    with opened(tmp_path) as results:
        assert results.write_summary()["complete"] is True
