"""Where the files of ray-cluster/ are."""

from __future__ import annotations

import pytest

from lcb_ray import cluster_files


def test_they_are_found_and_complete():
    folder = cluster_files.cluster_folder()
    for name in ("kind.yaml", "base/raycluster.yaml", "images/ray/Dockerfile", "images/sandbox/Dockerfile"):
        assert (folder / name).is_file()


def test_an_installation_has_them_beside_the_module(tmp_path, monkeypatch):
    (tmp_path / "lcb_ray" / "ray-cluster" / "base").mkdir(parents=True)
    (tmp_path / "lcb_ray" / "ray-cluster" / "base" / "kustomization.yaml").touch()
    monkeypatch.setattr(cluster_files, "__file__", str(tmp_path / "lcb_ray" / "cluster_files.py"))
    assert cluster_files.cluster_folder() == tmp_path / "lcb_ray" / "ray-cluster"


def test_without_them_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_files, "__file__", str(tmp_path / "lcb_ray" / "cluster_files.py"))
    with pytest.raises(FileNotFoundError, match="ray-cluster"):
        cluster_files.cluster_folder()
