"""Results at a URL, on fsspec's own file systems: one in memory, one of files."""

from __future__ import annotations

import uuid

import fsspec
import pytest

from livecodebench.cli.output import is_url, kept_in
from livecodebench.errors import InputError, OutputError
from livecodebench.files.mirrored import mirrored
from livecodebench.files.remote_folder import HOLDER, RemoteFolder

RUN = "run.json"


@pytest.fixture(params=["memory", "file"])
def url(request, tmp_path):
    return f"memory://{uuid.uuid4().hex}/run" if request.param == "memory" else f"file://{tmp_path}/run"


def there(url):
    """Names and contents at a URL."""
    files, root = fsspec.core.url_to_fs(url)
    if not files.exists(root):
        return {}
    return {name.removeprefix(root).lstrip("/"): files.cat_file(name) for name in files.find(root)}


def test_what_is_written_is_there_and_comes_back(url, tmp_path):
    here, again = tmp_path / "here", tmp_path / "again"
    (here / "official").mkdir(parents=True)
    again.mkdir()
    for name in (RUN, "official/a.json"):
        (here / name).write_text(name)
    (here / ".lock").touch()
    (here / ".run.json.tmp").touch()
    RemoteFolder(url).push(here)
    assert there(url) == {RUN: b"run.json", "official/a.json": b"official/a.json"}
    RemoteFolder(url).pull(again, marker=RUN)
    assert (again / "official" / "a.json").read_text() == "official/a.json"


def test_only_what_changed_is_written_and_what_went_goes(url, tmp_path):
    (tmp_path / "here").mkdir()
    one, other = tmp_path / "here" / RUN, tmp_path / "here" / "other"
    one.write_text("1")
    other.write_text("1")
    remote = RemoteFolder(url)
    remote.push(tmp_path / "here")
    files, root = fsspec.core.url_to_fs(url)
    files.pipe_file(f"{root}/{RUN}", b"untouched")
    other.unlink()
    remote.push(tmp_path / "here")
    assert there(url) == {RUN: b"untouched"}


def test_what_is_not_ours_is_left_alone(url, tmp_path):
    files, root = fsspec.core.url_to_fs(url)
    files.makedirs(root, exist_ok=True)
    files.pipe_file(f"{root}/thesis.txt", b"mine")
    with pytest.raises(InputError, match=r"holds no run\.json"), mirrored(url, marker=RUN, tell=print):
        pytest.fail("nothing may begin")
    assert there(url) == {"thesis.txt": b"mine"}


def test_a_mirror_is_up_to_date_meanwhile_and_complete_at_the_end(url):
    said = []
    with mirrored(url, marker=RUN, tell=said.append, every_s=0.01) as folder:
        (folder / RUN).write_text("1")
        while RUN not in there(url):
            assert not said
        (folder / "last").write_text("2")
    assert there(url) == {RUN: b"1", "last": b"2"}
    with mirrored(url, marker=RUN, tell=said.append) as folder:
        assert (folder / "last").read_text() == "2"


def test_it_is_complete_also_where_the_command_ends_otherwise(url):
    def end() -> None:
        with mirrored(url, marker=RUN, tell=print) as folder:
            (folder / RUN).write_text("1")
            raise KeyError

    with pytest.raises(KeyError):
        end()
    assert there(url) == {RUN: b"1"}


def test_there_is_one_writer(url):
    first, second = RemoteFolder(url), RemoteFolder(url)
    first.take()
    with pytest.raises(InputError, match="another livecodebench process"):
        second.take(lambda _: first.keep())
    first.release()
    second.take(lambda _: pytest.fail("nobody is there"))


def test_a_dead_writer_is_waited_for_and_replaced(url):
    waited = []
    RemoteFolder(url).take()
    RemoteFolder(url).take(waited.append)
    assert waited == [30.0]
    assert list(there(url)) == [HOLDER]


def test_what_cannot_be_reached_says_so(tmp_path):
    with pytest.raises(InputError, match="nonsense"):
        RemoteFolder("nonsense://x/y")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        RemoteFolder(f"file://{tmp_path}/file/below").keep()


@pytest.mark.parametrize(("output", "url"), [("s3://b/x", True), ("simplecache::s3://b/x", True), ("/a/b", False),
                                             ("out", False), ("a:b", False), ("C:\\x", False)])  # fmt: skip
def test_what_is_a_url(output, url):
    assert is_url(output) is url


def test_a_folder_is_itself(tmp_path):
    with kept_in(str(tmp_path)) as folder:
        assert folder == tmp_path
    with kept_in(None) as folder:
        assert folder is None
