import pytest

from livecodebench.errors import OutputError
from livecodebench.files.durable import replacing


def test_a_file_takes_its_place_whole(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "file"
    path.write_text("old")

    def write():
        with replacing(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(type(error)):
        write()
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_what_a_killed_process_left_is_overwritten(tmp_path):
    (tmp_path / ".file.tmp").write_text("a longer text than the new one")
    with replacing(tmp_path / "file") as file:
        file.write(b"new")
    assert (tmp_path / "file").read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_the_path_and_a_fix_are_named(tmp_path):
    with (
        pytest.raises(OutputError, match=r"nowhere/file: cannot write: No such file or directory; .* --output"),
        replacing(tmp_path / "nowhere" / "file"),
    ):
        pytest.fail("nothing can be opened there")
