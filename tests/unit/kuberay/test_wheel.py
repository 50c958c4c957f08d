"""The wheel that goes into an image: pip must take it, and it must be the same for the same files."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from pathlib import Path

import lcb_ray
from lcb_ray.kuberay import wheel

PACKAGES = ("lcb_ray", "livecodebench")


def test_the_same_files_make_the_same_wheel():
    assert wheel.build(PACKAGES) == wheel.build(PACKAGES)


def test_it_has_all_files_of_the_packages_and_no_others():
    name, data = wheel.build(("lcb_ray",))
    assert name.startswith("lcb_ray-")
    assert name.endswith("-py3-none-any.whl")
    files = zipfile.ZipFile(io.BytesIO(data)).namelist()
    folder = Path(lcb_ray.__file__).parent
    ours = {f"lcb_ray/{path.relative_to(folder).as_posix()}" for path in folder.rglob("*.py")}
    assert ours <= set(files)
    assert not [file for file in files if "__pycache__" in file or not file.startswith(("lcb_ray/", "lcb_ray-"))]


def test_its_record_tells_each_file_s_digest():
    _, data = wheel.build(("lcb_ray",))
    archive = zipfile.ZipFile(io.BytesIO(data))
    [record] = [name for name in archive.namelist() if name.endswith(".dist-info/RECORD")]
    rows = [line.split(",") for line in archive.read(record).decode().splitlines()]
    assert {row[0] for row in rows} == set(archive.namelist())
    for name, digest, size in rows:
        if name != record:
            content = archive.read(name)
            expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            assert (digest, int(size)) == (f"sha256={expected}", len(content))


def test_the_command_comes_with_it():
    _, data = wheel.build(("lcb_ray",))
    archive = zipfile.ZipFile(io.BytesIO(data))
    [entry_points] = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
    assert "livecodebench = livecodebench.cli:main" in archive.read(entry_points).decode()


def test_constraints_are_the_versions_that_are_here():
    lines = dict(line.split("==") for line in wheel.constraints(["rich", "no-such-distribution"]).splitlines())
    from importlib.metadata import version

    assert lines["rich"] == version("rich")
    assert lines["pygments"] == version("pygments"), "what it needs is in, too"
    assert "pytest" not in lines


def test_what_ray_carries_along_is_not_installed_here(tmp_path, monkeypatch):
    for folder, name in (("thirdparty_files", "carried"), ("site-packages", "installed")):
        info = tmp_path / folder / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        monkeypatch.syspath_prepend(tmp_path / folder)
    assert wheel.constraints(["carried", "installed"]) == "installed==1.0\n"
