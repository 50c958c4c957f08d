"""Where the files of ray-cluster/ are: beside this module in an installed package, else at the top of the sources."""

from __future__ import annotations

from pathlib import Path


def cluster_folder() -> Path:
    """The folder with what Kubernetes is told, and the image files. Raises FileNotFoundError."""
    for folder in (Path(__file__).parent / "ray-cluster", Path(__file__).parents[1] / "ray-cluster"):
        if (folder / "base" / "kustomization.yaml").is_file():
            return folder
    raise FileNotFoundError(
        "this installation lacks the folder ray-cluster: install the package from a wheel or its sources"
    )
