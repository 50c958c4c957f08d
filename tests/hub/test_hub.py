"""Fetching releases from a hub on loopback, by the real client library."""

import errno
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import constants

from livecodebench.dataset.filters import parse_filters
from livecodebench.dataset.hub import Release, _explained, fetch_release
from livecodebench.dataset.opening import open_dataset
from livecodebench.errors import DatasetError, InputError
from livecodebench.problem import TestCase

from .conftest import FIRST_COMMIT, REPOSITORY, SECOND_COMMIT, FakeHub, Refusal, point_at


def contents(release: Release) -> list[str]:
    return [file.read_text() for file in release.files]


def add_commit(hub: FakeHub) -> None:
    """`main` moves on; every shard changes."""
    hub.commits[SECOND_COMMIT] = {name: b"newer " + data for name, data in hub.commits[FIRST_COMMIT].items()}
    hub.refs["main"] = SECOND_COMMIT


def go_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


def test_a_release_is_its_shards_in_order_and_the_commit_they_are_from(hub: FakeHub):
    release = fetch_release("release_v3")

    assert (release.name, release.revision) == ("release_v3", FIRST_COMMIT)
    assert contents(release) == ["rows of test.jsonl\n", "rows of test2.jsonl\n", "rows of test3.jsonl\n"]


def test_only_the_files_of_the_release_are_transferred(hub: FakeHub):
    release = fetch_release("v4_v5")

    assert contents(release) == ["rows of test4.jsonl\n", "rows of test5.jsonl\n"]
    assert len(hub.transfers()) == 2


def test_the_latest_release_is_called_by_its_number(hub: FakeHub):
    release = fetch_release("release_latest")

    assert release.name == "release_v6"
    assert len(release.files) == 6


def test_a_release_in_the_cache_needs_no_hub(hub: FakeHub):
    first = fetch_release("release_v2")
    hub.asked.clear()

    assert fetch_release("release_v2") == first
    assert hub.asked == []


def test_a_larger_release_later_is_from_the_same_commit(hub: FakeHub):
    fetch_release("release_v1")
    add_commit(hub)

    release = fetch_release("release_v2")

    assert release.revision == FIRST_COMMIT
    assert contents(release) == ["rows of test.jsonl\n", "rows of test2.jsonl\n"]


def test_asking_for_main_takes_the_newest_commit_and_stays_with_it(hub: FakeHub):
    fetch_release("v1")
    add_commit(hub)

    assert fetch_release("v1", "main").revision == SECOND_COMMIT
    assert contents(fetch_release("v1")) == ["newer rows of test.jsonl\n"]


def test_all_shards_are_from_one_commit_though_main_moves_meanwhile(hub: FakeHub):
    hub.on_get = lambda: add_commit(hub)

    release = fetch_release("release_v2")

    assert release.revision == FIRST_COMMIT
    assert contents(release) == ["rows of test.jsonl\n", "rows of test2.jsonl\n"]


def test_a_commit_or_a_tag_can_be_asked_for(hub: FakeHub):
    add_commit(hub)
    hub.refs["old"] = FIRST_COMMIT

    assert fetch_release("v2", FIRST_COMMIT).revision == FIRST_COMMIT
    assert fetch_release("v2", "old").revision == FIRST_COMMIT


def test_an_unknown_revision_is_named(hub: FakeHub):
    with pytest.raises(DatasetError, match="no revision 'nonesuch': give --dataset-revision"):
        fetch_release("v2", "nonesuch")


def test_a_revision_without_the_shard_is_named(hub: FakeHub):
    del hub.commits[FIRST_COMMIT]["test6.jsonl"]

    with pytest.raises(DatasetError, match=f"has no test6.jsonl at revision {FIRST_COMMIT}: choose"):
        fetch_release("release_v6", FIRST_COMMIT)


def test_a_cache_older_than_the_shard_is_left_for_the_newest_commit(hub: FakeHub, caplog: pytest.LogCaptureFixture):
    fetch_release("v1")
    add_commit(hub)
    del hub.commits[FIRST_COMMIT]["test6.jsonl"]

    with caplog.at_level(logging.WARNING, "livecodebench.dataset.hub"):
        release = fetch_release("release_v6")

    assert release.revision == SECOND_COMMIT
    assert all(text.startswith("newer ") for text in contents(release))
    assert "has no test6.jsonl" in caplog.text


def test_a_broken_transfer_goes_on_where_it_stopped(hub: FakeHub, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)  # bytes; as it is, 10 MB, of which a part is dropped
    data = bytes(range(256)) * 4096
    hub.commits[FIRST_COMMIT]["test.jsonl"] = data
    hub.cut_after = 500_000

    release = fetch_release("v1")

    assert release.files[0].read_bytes() == data
    assert hub.transfers() == [None, "bytes=500000-"]


def test_complete_shards_survive_an_interruption(hub: FakeHub):
    fetch_release("release_v2")
    hub.refuse = Refusal(503)
    with pytest.raises(DatasetError, match=r"cannot fetch test3\.jsonl"):
        fetch_release("release_v3")
    hub.refuse = None
    hub.asked.clear()

    assert len(fetch_release("release_v3").files) == 3
    assert len(hub.transfers()) == 1


def test_offline_with_the_files_in_the_cache(hub: FakeHub, monkeypatch: pytest.MonkeyPatch):
    online = fetch_release("release_v2")
    hub.asked.clear()
    go_offline(monkeypatch)

    assert fetch_release("release_v2") == online
    assert fetch_release("release_v2", "main") == online
    assert hub.asked == []


def test_offline_without_the_files_says_how_to_get_them(hub: FakeHub, monkeypatch: pytest.MonkeyPatch):
    go_offline(monkeypatch)

    with pytest.raises(DatasetError, match=r"HF_HUB_OFFLINE is set: unset it, run `hf download .* or name a file"):
        fetch_release("release_v2")
    assert hub.asked == []


def test_a_hub_that_cannot_be_reached(hub: FakeHub, monkeypatch: pytest.MonkeyPatch):
    point_at("http://127.0.0.1:9", monkeypatch)

    with pytest.raises(DatasetError, match=r"cannot fetch test.jsonl .* at http://127.0.0.1:9: .*check the connection"):
        fetch_release("release_v2")


def test_an_unreachable_hub_does_not_matter_to_cached_files(hub: FakeHub, monkeypatch: pytest.MonkeyPatch):
    online = fetch_release("release_v2")
    point_at("http://127.0.0.1:9", monkeypatch)

    assert fetch_release("release_v2") == online
    assert fetch_release("release_v2", "main") == online


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        (Refusal(404, "RepoNotFound"), "not found, or no access"),
        (Refusal(401, "RepoNotFound"), "not found, or no access"),
        (Refusal(401), "not found, or no access"),
        (Refusal(403, "GatedRepo"), "accept its terms and set HF_TOKEN"),
        (Refusal(403), "not found, or no access"),
        (Refusal(500), "500"),
        (Refusal(429), "429"),
    ],
)
def test_what_the_hub_refuses_is_explained(hub: FakeHub, refusal: Refusal, says: str):
    hub.refuse = refusal

    with pytest.raises(DatasetError, match=says) as caught:
        fetch_release("release_v1")

    message = str(caught.value)
    assert "test.jsonl" in message
    assert "or name a file you have with --dataset PATH" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "no space left in .* set HF_HUB_CACHE"),
        (OSError(errno.EROFS, "Read-only file system"), "cannot be written .* set HF_HUB_CACHE"),
        (PermissionError(errno.EACCES, "Permission denied"), "cannot be written .* set HF_HUB_CACHE"),
        (RuntimeError("Data processing error"), "RuntimeError: Data processing error; run this again"),
        (ValueError(), "ValueError; run this again"),
    ],
)
def test_failures_of_the_machine_are_explained(error: Exception, says: str):
    # A full disk and a read-only one cannot be made without root.
    with pytest.raises(DatasetError, match=says):
        raise _explained(error, "test.jsonl", "main")


def test_a_cache_folder_that_cannot_be_made(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "file" / "cache"))

    with pytest.raises(DatasetError, match=r"cannot fetch test\.jsonl"):
        fetch_release("v1")


def test_an_unknown_release_is_refused_before_anything_is_asked(hub: FakeHub):
    with pytest.raises(InputError, match="unknown release 'release_v7'; there are release_v1"):
        fetch_release("release_v7")
    assert hub.asked == []


def dataset_row(question_id: str, platform: str) -> dict[str, str]:
    tests = [{"input": "1\n", "output": "2\n", "testtype": "stdin"}]
    return {
        "question_title": "Twice",
        "question_content": "Print twice the number.",
        "platform": platform,
        "question_id": question_id,
        "contest_id": "own",
        "contest_date": "2024-08-01T00:00:00",
        "starter_code": "",
        "difficulty": "easy",
        "public_test_cases": "[]",
        "private_test_cases": json.dumps(tests),
        "metadata": "{}",
    }


def test_a_release_opens_as_a_dataset_and_later_without_hub_or_whole_reading(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr("livecodebench.dataset.row_index.INDEXED_FROM", 1)
    monkeypatch.setattr("livecodebench.dataset.row_index._SETTLED_NS", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "indexes"))
    caplog.set_level(logging.INFO, "livecodebench.dataset.row_index")
    for name, platform in (("test.jsonl", "atcoder"), ("test2.jsonl", "leetcode")):
        rows = [dataset_row(f"{platform}_{letter}", platform) for letter in "ab"]
        hub.commits[FIRST_COMMIT][name] = "".join(json.dumps(row) + "\n" for row in rows).encode()

    opened = [open_dataset("release_v2", filters=parse_filters(platform="leetcode")) for _ in range(2)]

    for dataset in opened:
        assert (dataset.name, dataset.revision) == ("release_v2", FIRST_COMMIT)
        assert list(dataset) == ["leetcode_a", "leetcode_b"]
        assert dataset["leetcode_b"].private_tests() == (TestCase("1\n", "2\n"),)
    assert len(hub.transfers()) == 2
    assert caplog.text.count("reading all of it once") == 2


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    return subprocess.run(
        [sys.executable, "-c", code], env=kept | environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_client_library_s_environment_is_obeyed(served: FakeHub, tmp_path: Path):
    fetch = "from livecodebench.dataset.hub import fetch_release as f; r = f('v1'); print(r.revision, r.files[0])"
    missing = run(fetch, HF_ENDPOINT=served.endpoint, HF_HOME=str(tmp_path), HF_HUB_OFFLINE="1")
    online = run(fetch, HF_ENDPOINT=served.endpoint, HF_HOME=str(tmp_path))
    asked = len(served.asked)
    offline = run(fetch, HF_ENDPOINT=served.endpoint, HF_HOME=str(tmp_path), HF_HUB_OFFLINE="1")
    light = run(f"{fetch}; import sys; sys.exit('huggingface_hub.file_download' in sys.modules)", HF_HOME=str(tmp_path))

    assert "HF_HUB_OFFLINE is set" in missing.stderr
    assert online.stdout.startswith(f"{FIRST_COMMIT} {tmp_path}"), online.stderr
    assert offline.stdout == online.stdout
    assert (light.returncode, light.stdout) == (0, online.stdout)  # what is cached does not cost the client's import
    assert len(served.asked) == asked > 0
    assert any(REPOSITORY in path for _, path, _ in served.asked)


def test_importing_the_module_does_not_import_the_client_library():
    done = run("import sys, livecodebench.dataset.hub; print('huggingface_hub' in sys.modules)")

    assert done.stdout == "False\n"
