"""Somebody else's cluster, condition by condition, on a kind cluster that stands in for it; prints a table.

    python -m tests.remote_table --context kind-livecodebench > remote.md

The user has a service account with exactly what `cluster rbac` prints. Conditions that keep a pool from coming up are
looked at by preflight and are to be named with the fix; then one pool comes up under all of them at once: quota,
LimitRange, Pod Security, taints, selector, RuntimeClass, pull secret, stock images. KubeRay's operator is taken away
and installed again, so nothing else should use the cluster meanwhile. Takes a few minutes. Stock images have to be on
the nodes, or to be had: `kind load docker-image --name livecodebench python:3.11-slim rayproject/ray:2.60.0-py311`.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from tests import processes
from tests.restricted_user import LONG_S, Administrator, livecodebench, started

NAMESPACE = "team-a"
ANSWERS = Path(str(files("livecodebench") / "data" / "mini" / "generations.jsonl"))
K8S = "LIVECODEBENCH_K8S_"
SMALL = {
    f"{K8S}SANDBOX_CPU": "250m",
    f"{K8S}RAY_CPU": "400m",
    f"{K8S}HEAD_CPU": "800m",
    f"{K8S}HEAD_MEMORY": "3Gi",
    f"{K8S}WATCHDOG_CPU": "50m",
}
TAINT = "dedicated=sandbox:NoSchedule"
BEARING = {f"{K8S}TOLERATIONS": TAINT, f"{K8S}HEAD_TOLERATIONS": "dedicated"}
OBJECT = {"apiVersion": "v1", "metadata": {"namespace": NAMESPACE}}
QUOTA = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"name": "team", "namespace": NAMESPACE},
    "spec": {"hard": {"limits.memory": "9Gi", "limits.cpu": "8", "requests.cpu": "3", "pods": "8"}},
}
RANGE = {
    "apiVersion": "v1",
    "kind": "LimitRange",
    "metadata": {"name": "team", "namespace": NAMESPACE},
    "spec": {"limits": [{"type": "Container", "max": {"memory": "3Gi", "cpu": "2"}, "min": {"cpu": "50m"}}]},
}
RUNTIME_CLASS = {
    "apiVersion": "node.k8s.io/v1",
    "kind": "RuntimeClass",
    "metadata": {"name": "lcb-runc"},
    "handler": "runc",
}


@dataclass
class Table:
    """What was seen."""

    rows: list[tuple[str, bool, str]] = field(default_factory=list)

    def add(self, condition: str, good: bool, seen: str) -> None:
        """One row, said at once."""
        self.rows.append((condition, good, " ".join(seen.split())))
        sys.stderr.write(f"{'ok' if good else 'WRONG':<6}{condition}: {self.rows[-1][2]}\n")

    def print(self) -> int:
        """As Markdown; returns an exit status."""
        sys.stdout.write("| condition | as it should be | seen |\n|---|---|---|\n")
        for condition, good, seen in self.rows:
            words = seen.replace("|", "\\|")
            sys.stdout.write(f"| {condition} | {'yes' if good else '**no**'} | {words} |\n")
        return 0 if all(good for _, good, _ in self.rows) else 1


@dataclass(frozen=True)
class Private:
    """Images of ours, which nodes get from a private registry only.

    Attributes:
        host: Of the registry.
        account: "user:password".
        images: The settings that name them.
    """

    host: str
    account: str
    images: dict[str, str] = field(default_factory=dict)

    @classmethod
    def pushed(cls, prefix: str, account: str) -> Private:
        """What the product's own command has pushed there."""
        done = livecodebench(["cluster", "images", "push", "--registry", prefix, "--json"], {})
        assert done.returncode == 0, done.stderr
        names = json.loads(done.stdout)
        images = {"IMAGES": "own", "RAY_IMAGE": names["ray"], "SANDBOX_IMAGE": names["sandbox"]}
        return cls(prefix.partition("/")[0], account, images)

    def secret(self, account: str) -> dict[str, object]:
        """The pull secret for an account."""
        auth = base64.b64encode(account.encode()).decode()
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/dockerconfigjson",
            "metadata": {"name": "registry", "namespace": NAMESPACE},
            "stringData": {".dockerconfigjson": json.dumps({"auths": {self.host: {"auth": auth}}})},
        }


class Rows:
    """The conditions."""

    def __init__(self, admin: Administrator, folder: Path, private: Private | None) -> None:
        self.admin, self.table = admin, Table()
        self.private = private
        self.folder = folder
        self.settings = {f"{K8S}LOCAL": "false", f"{K8S}NAMESPACE": NAMESPACE, f"{K8S}IMAGES": "stock", **SMALL}
        self.settings["KUBECONFIG"] = ""

    def user(self, *words: object, **more: str) -> tuple[int, str]:
        """The command as that user runs it: its status, and all that it says."""
        done = livecodebench(words, {**self.settings, **{K8S + name: value for name, value in more.items()}})
        return done.returncode, done.stdout + done.stderr

    def preflight(self, condition: str, status: int, *expected: str, size: int = 2, **more: str) -> None:
        """A row: preflight ends so, and says so."""
        began = time.monotonic()
        ended, said = self.user("cluster", "preflight", "--pool-size", size, **more)
        took = time.monotonic() - began
        lines = [line for line in said.splitlines() if any(one in line for one in expected)]
        good = ended == status and all(one in said for one in expected)
        self.table.add(condition, good, f"preflight ends with {ended} in {took:.1f} s: {' / '.join(lines) or said}")

    def run(self, *, preflight_only: bool) -> int:
        """All of them."""
        admin = self.admin
        admin.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        admin.apply({**OBJECT, "kind": "ServiceAccount", "metadata": {"name": "nobody", "namespace": NAMESPACE}})
        self.settings["KUBECONFIG"] = str(admin.kubeconfig_of(NAMESPACE, self.folder, "nobody"))
        self.preflight("no rights at all", 4, "this user may not", "cluster rbac")
        admin.give_rights(NAMESPACE)
        self.settings["KUBECONFIG"] = str(admin.kubeconfig_of(NAMESPACE, self.folder))
        self.preflight(
            "what `cluster rbac` prints, applied", 0, "all ", "may not look at nodes", "Pod Security restricted"
        )
        self.preflight("a namespace in which the user has no rights", 4, "this user may not", NAMESPACE="team-b")
        self._settings()
        self._quotas()
        with self.tainted():
            self._taints()
            if not preflight_only:
                self._all_at_once()
        if not preflight_only:
            self._operator()
        return self.table.print()

    def _settings(self) -> None:
        self.preflight(
            "a RuntimeClass, with no right to look", 0, "may not look at RuntimeClasses", RUNTIME_CLASS="kata"
        )
        self.preflight("a pull secret that is not there", 2, "there is no secret registry", PULL_SECRET="registry")
        self.preflight("a claim that is not there", 2, "there is no PersistentVolumeClaim", RESULTS_CLAIM="results")
        self.preflight("own images and no registry", 2, "no registry is named", IMAGES="own")
        self.preflight("a context that is not there", 2, "no such context: it has theirs", CONTEXT="thiers")

    def _quotas(self) -> None:
        self.admin.apply(QUOTA)
        self.preflight("a quota that leaves room for one of two", 0, "1 of 2 sandbox pods fit by quota: quota team")
        self.preflight("the same, strict", 4, "1 of 2 sandbox pods fit", STRICT="true")
        self.admin.apply(RANGE)
        self.preflight(
            "a LimitRange that the head is too large for", 2, "container ray-head of the head pod", HEAD_MEMORY="4Gi"
        )
        self.preflight(
            "the same, with a watchdog that asks for too little", 2, "container watchdog", WATCHDOG_CPU="10m"
        )
        self.preflight("the same, with a smaller head", 0, "1 LimitRanges, which our containers keep to")

    def _taints(self) -> None:
        self.admin.give_rights(NAMESPACE, "--nodes")
        self.preflight("tainted nodes, and the right to look", 4, f"do not bear ({TAINT}: see {K8S}HEAD_TOLERATIONS")
        self.preflight("the same, borne", 0, "1 of 2 sandbox pods fit: quota", **_short(BEARING))
        self.preflight(
            "a selector that no node has", 4, f"{K8S}NODE_SELECTOR", NODE_SELECTOR="pool=none", **_short(BEARING)
        )
        self.preflight("a RuntimeClass that is not there", 2, "there is no RuntimeClass kata", RUNTIME_CLASS="kata")

    def _all_at_once(self) -> None:
        """One pool under all conditions."""
        self.admin.apply((self.private or Private("registry.example.com", "a:b")).secret("nobody:wrong"))
        self.admin.apply(RUNTIME_CLASS)
        more = {
            **_short(BEARING),
            "RUNTIME_CLASS": "lcb-runc",
            "PULL_SECRET": "registry",
            "NODE_SELECTOR": "kubernetes.io/os=linux",
        }
        condition = "one pool under quota, LimitRange, Pod Security, taints, selector, RuntimeClass, pull secret"
        self.preflight("all of them", 0, "1 of 2 sandbox pods fit: quota", "lcb-runc, by runc", **more)
        if self.private is not None:
            more |= self.private.images
            status, said = self.user("cluster", "up", "--pool-size", 2, **more, TIMEOUT="45")
            line = next(
                (line for line in said.splitlines() if "ErrImagePull" in line or "ImagePullBackOff" in line), said
            )
            self.table.add("a private registry, and a pull secret that is wrong", status == 4 and line != said, line)
            self.admin.apply(self.private.secret(self.private.account))
            self.admin.kubectl("delete", "raycluster", "--all", "--namespace", NAMESPACE, "--wait")
            condition += ", own images of a private registry"
        began = time.monotonic()
        status, said = self.user("cluster", "up", "--pool-size", 2, **more)
        self.table.add(condition, status == 0, f"up in {time.monotonic() - began:.0f} s: {said.splitlines()[-1]}")
        pods = json.loads(self.admin.kubectl("get", "pods", "--namespace", NAMESPACE, "--output", "json"))["items"]
        kinds = sorted(
            (pod["metadata"]["labels"]["ray.io/node-type"], pod["spec"].get("runtimeClassName", "-"), _secrets(pod))
            for pod in pods
        )
        good = kinds == [("head", "-", "registry"), ("worker", "lcb-runc", "registry")]
        self.table.add("what the pods are", good, f"{kinds}")
        status, said = self.user(
            *("grade", ANSWERS, "--dataset", "mini", "--backend", "kubernetes", "--pool-size", 2, "--json"), **more
        )
        kind = "stock images" if self.private is None else "own images"
        self.table.add(f"an evaluation there, {kind}", status == 0 and '"errors": 0' in said, _score(said))
        self._renewed_token(more)
        status, said = self.user("cluster", "status", **more)
        line = next((line for line in said.splitlines() if line.startswith("network policies")), said)
        self.table.add("status, with those rights", status == 0, line)
        status, said = self.user("cluster", "down", **more)
        kinds_left = (
            "rayclusters,pods,services,networkpolicies,poddisruptionbudgets,configmaps,secrets,roles,rolebindings"
        )
        left = self.admin.kubectl("get", kinds_left, "--namespace", NAMESPACE, "--output", "name").split()
        theirs = {"configmap/kube-root-ca.crt", "secret/registry"}
        ours = [one for one in left if one not in theirs and "livecodebench-user" not in one]
        self.table.add(
            "down, which leaves the namespace to its owner", status == 0 and not ours, f"left of ours: {ours}"
        )

    def _renewed_token(self, more: dict[str, str]) -> None:
        """In the midst of an evaluation: another token is in the kubeconfig, and the old one is worth nothing."""
        for name in ("first", "second"):
            self.admin.apply({**OBJECT, "kind": "Secret", "metadata": {"name": name, "namespace": NAMESPACE}})
        self.admin.kubeconfig_of(NAMESPACE, self.folder, bound="first")
        output = self.folder / "renewed"
        words = ("grade", ANSWERS, "--dataset", "mini", "--backend", "kubernetes", "--pool-size", 2, "--output", output)
        with started(
            (*words, "--json"), {**self.settings, **{K8S + name: value for name, value in more.items()}}
        ) as it:
            deadline = time.monotonic() + LONG_S
            while _lines(output / "judgements.jsonl") < 5 and it.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            done = _lines(output / "judgements.jsonl")
            self.admin.kubeconfig_of(NAMESPACE, self.folder, bound="second")
            self.admin.kubectl("delete", "secret", "first", "--namespace", NAMESPACE)
            ways = processes.port_forwards(it.pid)
            processes.kill(ways)  # the next one needs the new token
            out, err = it.communicate(timeout=LONG_S)
        good = it.returncode == 0 and '"errors": 0' in out and 0 < done < 56 and bool(ways)
        words_of_it = f"after {done} judgements, the way in was closed too: {_score(out)}"
        self.table.add("an evaluation whose token is renewed, and the old one revoked", good, words_of_it)
        if not good:
            sys.stderr.write(err)
        self.admin.kubectl("delete", "secret", "second", "--namespace", NAMESPACE)
        self.admin.kubeconfig_of(NAMESPACE, self.folder)

    def _operator(self) -> None:
        manifests = os.environ.get(f"{K8S}KUBERAY_MANIFESTS")
        assert manifests, (
            f"{K8S}KUBERAY_MANIFESTS has to name the operator's manifests: it is taken away and comes back"
        )
        self.admin.kubectl("delete", "--wait", "--ignore-not-found", "-k", manifests)
        try:
            self.preflight("no operator", 4, "has no KubeRay operator", "kubectl", "--install-operator")
            status, said = self.user("cluster", "up")
            self.table.add("no operator, up", status == 4 and "nothing was created" in said, said.splitlines()[-2])
        finally:
            done = livecodebench(
                ["cluster", "up", "--pool-size", 1, "--install-operator"],
                {
                    **self.settings,
                    "KUBECONFIG": os.environ.get("KUBECONFIG", ""),
                    f"{K8S}CONTEXT": self.admin.context,
                },
            )
        self.table.add("the administrator, --install-operator", done.returncode == 0, done.stdout or done.stderr[-300:])
        self.user("cluster", "down")

    @contextmanager
    def tainted(self) -> Iterator[None]:
        """The nodes that take pods bear a taint meanwhile."""
        nodes = json.loads(self.admin.kubectl("get", "nodes", "--output", "json"))["items"]
        names = [node["metadata"]["name"] for node in nodes if not node["spec"].get("taints")]
        for name in names:
            self.admin.kubectl("taint", "--overwrite", "node", name, TAINT)
        try:
            yield
        finally:
            for name in names:
                self.admin.kubectl("taint", "node", name, "dedicated-", fails=True)


def _lines(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.read_bytes().count(b"\n")
    return 0


def _short(settings: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix(K8S): value for name, value in settings.items()}


def _secrets(pod: dict[str, dict[str, list[dict[str, str]]]]) -> str:
    return ",".join(one["name"] for one in pod["spec"].get("imagePullSecrets", []))


def _score(said: str) -> str:
    try:
        summary = json.loads(said[said.index("{") : said.rindex("}") + 1])
    except ValueError:
        return said[-300:]
    return f"pass@1 {summary['pass@1']}, {summary['errors']} errors, sandbox {summary['sandbox']['python']}"


def main() -> int:
    """Run the table; returns an exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--context", required=True, help="of a cluster where you may do everything, such as a kind cluster"
    )
    parser.add_argument(
        "--registry", metavar="PREFIX", help="a private one: it gets our images; Docker is logged in there"
    )
    parser.add_argument("--registry-account", metavar="USER:PASSWORD", help="for the nodes")
    parser.add_argument("--preflight-only", action="store_true", help="bring nothing up: an API server is enough")
    given = parser.parse_args()
    admin = Administrator(given.context)
    private = Private.pushed(given.registry, given.registry_account) if given.registry else None
    with tempfile.TemporaryDirectory() as folder:
        try:
            return Rows(admin, Path(folder), private).run(preflight_only=given.preflight_only)
        finally:
            _clean(admin)


def _clean(admin: Administrator) -> None:
    remove: list[Callable[[], str]] = [
        lambda: admin.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", fails=True),
        lambda: admin.kubectl("delete", "runtimeclass", "lcb-runc", "--ignore-not-found", fails=True),
        lambda: admin.kubectl(
            *("delete", "clusterrole,clusterrolebinding", f"livecodebench-user-{NAMESPACE}", "--ignore-not-found"),
            fails=True,
        ),
    ]
    for one in remove:
        one()


if __name__ == "__main__":
    sys.exit(main())
