"""The pods of a RayCluster that is up, for tests that look into them or break them; by kubectl, as a user would."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lcb_ray

LONG_S = 600.0
_HERE = Path(__file__).parent


class Pods:
    """The pods.

    Args:
        context: Of the kubeconfig.
        namespace: Where the RayCluster `livecodebench` is.
    """

    def __init__(self, context: str, namespace: str = "livecodebench") -> None:
        self._kubectl = ["kubectl", "--context", context, "--namespace", namespace]

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        """What kubectl says."""
        done = subprocess.run(
            [*self._kubectl, *arguments], input=given, capture_output=True, text=True, timeout=LONG_S, check=False
        )
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    def all(self) -> list[dict[str, Any]]:
        """Every pod, as Kubernetes describes it."""
        items: list[dict[str, Any]] = json.loads(self.kubectl("get", "pods", "--output", "json"))["items"]
        return [pod for pod in items if "deletionTimestamp" not in pod["metadata"]]

    def sandboxes(self) -> list[str]:
        """Names of the sandbox pods."""
        return [pod["metadata"]["name"] for pod in self.all() if pod["metadata"]["labels"]["ray.io/group"] == "sandbox"]

    def python(self, pod: str, container: str, program: str) -> str:
        """What a Python program says that is run in a container."""
        return self.kubectl("exec", pod, "--container", container, "--", "python", "-c", program)

    def into(self, pod: str, container: str, *command: str) -> list[str]:
        """The command that runs another in a container, its standard input passed on."""
        return [*self._kubectl, "exec", "-i", pod, "--container", container, "--", *command]

    def job(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        """What tests/k8s/pod_job.py answers, submitted as a job in the way that the README says."""
        secret = self.kubectl("get", "secret", "livecodebench", "--output", "jsonpath={.data.auth_token}")
        environment = os.environ | {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": base64.b64decode(secret).decode()}
        with self._dashboard() as address, tempfile.TemporaryDirectory() as folder:
            shutil.copy(_HERE / "pod_job.py", folder)
            code = {"py_modules": [str(Path(lcb_ray.__file__).parent)], "excludes": ["__pycache__"]}
            command = [str(Path(sys.executable).with_name("ray")), "job", "submit", "--address", address]
            command += ["--working-dir", folder, "--runtime-env-json", json.dumps(code)]
            done = subprocess.run(
                [*command, "--", "python", "pod_job.py", *arguments],
                env=environment,
                capture_output=True,
                text=True,
                timeout=LONG_S,
                check=False,
            )
        lines = [line for line in done.stdout.splitlines() if line.startswith("answer: ")]
        assert lines, (done.stdout + done.stderr)[-3000:]
        return json.loads(lines[-1].removeprefix("answer: "))

    @contextmanager
    def _dashboard(self) -> Iterator[str]:
        command = [*self._kubectl, "port-forward", "service/livecodebench-head-svc", ":8265"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as forward:
            try:
                assert forward.stdout is not None
                line = forward.stdout.readline()  # "Forwarding from 127.0.0.1:34567 -> 8265"
                yield "http://" + line.split(" -> ")[0].rpartition(" ")[2]
            finally:
                forward.terminate()
