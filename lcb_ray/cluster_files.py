"""Where the files of ray-cluster/ are, and what the code has to know of them; a test compares the two.

They are beside this module in an installed package, else at the top of the sources.
"""

from __future__ import annotations

from pathlib import Path

AGENT_SOCKET = "LIVECODEBENCH_AGENT_SOCKET"  # variable of the Ray container beside a sandbox: where its agent listens
GATEWAY_TOKEN_FILE = "LIVECODEBENCH_GATEWAY_TOKEN_FILE"  # variable of the head
GATEWAY_PORT = 8970
DASHBOARD_PORT = 8265
WATCHDOG = "watchdog"  # container of the head's pod that removes the RayCluster
KEYS_SECRET = "livecodebench-keys"  # of Kubernetes: whatever jobs need to know and nobody is to see
RESULTS_FOLDER = "/results"  # of the head, where a claim is given: what is in it outlives the head
KEYS_FOLDER = "/run/secrets/livecodebench-keys"  # where the head has it


def cluster_folder() -> Path:
    """The folder with what Kubernetes is told, and the image files. Raises FileNotFoundError."""
    for folder in (Path(__file__).parent / "ray-cluster", Path(__file__).parents[1] / "ray-cluster"):
        if (folder / "base" / "kustomization.yaml").is_file():
            return folder
    raise FileNotFoundError(
        "this installation lacks the folder ray-cluster: install the package from a wheel or its sources"
    )
