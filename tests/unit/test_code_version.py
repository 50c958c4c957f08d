"""The fingerprint of the code."""

from __future__ import annotations

import sys

import pytest

from lcb_ray.code_version import code_version, package_folder


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "a_package"
    (folder / "below").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('nobody imports this')\n")
    (folder / "below" / "one.py").write_text("1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    sys.modules.pop("a_package", None)


def version_of(*packages):
    code_version.cache_clear()
    return code_version(packages)


def test_it_changes_with_any_python_file_and_nothing_else(package):
    before = version_of("a_package")
    (package / "below" / "data.json").write_text("{}")
    assert version_of("a_package") == before
    (package / "below" / "one.py").write_text("2\n")
    changed = version_of("a_package")
    assert changed != before
    (package / "below" / "one.py").rename(package / "below" / "two.py")
    assert version_of("a_package") not in (before, changed)


def test_it_says_which_packages_were_looked_at(package):
    assert version_of("a_package") != version_of("a_package", "lcb_ray") != version_of("lcb_ray")


def test_a_package_that_is_not_there():
    with pytest.raises(ModuleNotFoundError):
        package_folder("no_such_package_anywhere")
