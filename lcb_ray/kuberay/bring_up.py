"""From nothing to a RayCluster that serves: one step after the other, each of which finds out whether it is needed.

What was interrupted goes on where it was when the same is asked for again, and where all is there already, nothing is
made, built or loaded again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from lcb_ray.errors import PoolUnavailable
from lcb_ray.kuberay import findings, images, namespace, operator, placement, pods, preflight, sweep, template, use
from lcb_ray.kuberay.access import Access, remote_access
from lcb_ray.kuberay.api import Api
from lcb_ray.kuberay.local_cluster import LocalCluster
from lcb_ray.kuberay.room import pod_specs
from lcb_ray.kuberay.settings import Images, Replace, Settings
from lcb_ray.kuberay.steps import Steps
from lcb_ray.kuberay.template import Document, Shape

DEFAULT_SANDBOXES = 10
_LOOK_S = 2
_USE_LOOK_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A RayCluster that has been brought up.

    Attributes:
        access: The way into the Kubernetes cluster.
        api: Its API.
        namespace: Where all lies.
        sandboxes: The most sandbox pods: what fits of what was asked for.
        slots: Of each.
        sees_nodes: Whether that could be reckoned: where this user may not look at nodes, the scheduler tells.
        has_code: Whether the head's image has this code, and so starts the gateway by itself.
    """

    access: Access
    api: Api
    namespace: str
    sandboxes: int
    slots: int
    sees_nodes: bool = True
    has_code: bool = False

    @property
    def place(self) -> use.Place:
        """Where it is."""
        return use.Place(self.access, self.api, self.namespace)

    def worth_waiting_for(self, wanted: int | None) -> int:
        """How many of so many pods (None: all) are sure to come: where nobody knows what fits, the first."""
        every = self.sandboxes if self.sees_nodes else min(1, self.sandboxes)
        return every if wanted is None else min(wanted, every)


def bring_up(
    settings: Settings,
    steps: Steps,
    *,
    code: Sequence[str],
    sandboxes: int | None = None,
    slots: int | None = None,
    wait_for: int | None = None,
    install_operator: bool = False,
    by_hand: bool = False,
) -> Standing:
    """Have a RayCluster with so many sandbox pods, or as many as fit.

    Args:
        settings: Which cluster, and what it is to be like.
        steps: Hears of every step.
        code: The packages that images of ours have in them.
        sandboxes: The most pods; None: DEFAULT_SANDBOXES.
        slots: Concurrent executions in each; None: 1.
        wait_for: Sandbox pods to wait for, beside the head; None: all.
        install_operator: Install KubeRay's operator also into a cluster that is not ours.
        by_hand: Somebody asks for the RayCluster itself: it may be idle for longer.

    Raises:
        SandboxUnusable: A tool, a right or a version is missing; the message names the way to get it.
        PoolUnavailable: Something did not come in time, or too few pods fit and the settings are strict.
    """
    with _cluster(settings, steps) as (access, local):
        with steps.step(f"Kubernetes ({access})"):
            api = Api(access)
            if local is not None:
                _wait_for_nodes(api, steps)
            api.check_version()
        documents = to_apply(settings, sandboxes=sandboxes, slots=slots)
        with steps.step("preflight"):
            _preflight(settings, steps, access, api, documents, install_operator=install_operator)
        shape = shape_of(settings, sandboxes=sandboxes, slots=slots)
        if local is not None:
            with steps.step("images"):
                shape = _own_images(settings, steps, shape, code)
                template.set_images(template.raycluster_in(documents), shape)
                _load(steps, local, api, template.images_in(documents), pod_specs(template.raycluster_in(documents)))
        _have_operator(settings, steps, access, api, local, install=install_operator)
        with steps.step(f"namespace {settings.namespace} and RayCluster {template.RAYCLUSTER}"):
            place = use.Place(access, api, settings.namespace)
            sweep.sweep_stale(place, steps)
            has_room = namespace.apply(
                settings,
                steps,
                api,
                documents,
                by_hand=by_hand,
                before_replacing=lambda existing: _wait_until_unused(settings, steps, place, existing),
            )
    standing = Standing(
        access=access,
        api=api,
        namespace=settings.namespace,
        sandboxes=has_room.fit.sandboxes,
        slots=shape.slots,
        sees_nodes=has_room.known or settings.strict,
        has_code=settings.wanted_images is Images.OWN and settings.ray_image is None,
    )
    wait_for_pods(standing, steps, wait_for)
    return standing


def to_apply(settings: Settings, *, sandboxes: int | None = None, slots: int | None = None) -> list[Document]:
    """What is applied, of the sizes and at the places that are wished for; images of ours are not named yet."""
    documents = template.render(settings)
    raycluster = template.raycluster_in(documents)
    placement.place(raycluster, settings)
    template.shape(raycluster, shape_of(settings, sandboxes=sandboxes, slots=slots))
    return documents


def wait_for_pods(standing: Standing, steps: Steps, wanted: int | None) -> None:
    """Wait for the head and so many sandbox pods; None: all that are sure to come. Raises PoolUnavailable."""
    wanted = standing.worth_waiting_for(wanted)
    with steps.step(f"head and {wanted} sandbox pods" if wanted else "head"):
        _wait_for_pods(standing, steps, wanted)


@contextmanager
def _cluster(settings: Settings, steps: Steps) -> Iterator[tuple[Access, LocalCluster | None]]:
    """The Kubernetes cluster that is meant; a local one is nobody else's to change meanwhile."""
    if not settings.local:
        access = remote_access(settings.context)
        steps.note(f"using {access}, namespace {settings.namespace}")
        yield access, None
        return
    local = LocalCluster(settings, template.kind_config())
    with local.locked(steps):
        with steps.step(local.word):
            access = local.make(steps)
            local.publish(steps)
        yield access, local


def _preflight(
    settings: Settings, steps: Steps, access: Access, api: Api, documents: list[Document], *, install_operator: bool
) -> None:
    """Find out what is wrong before anything is created. Raises BadSetting, SandboxUnusable."""
    seen = preflight.examine(settings, access, api, documents, install_operator=install_operator)
    findings.check(seen)
    if not settings.local:  # in a cluster of ours nothing of it is news
        for line in preflight.words(seen):
            steps.note(line)


def shape_of(settings: Settings, *, sandboxes: int | None, slots: int | None) -> Shape:
    """What is asked for."""
    return Shape(
        sandboxes=sandboxes or DEFAULT_SANDBOXES,
        slots=slots or 1,
        ray_image=settings.ray_image,
        sandbox_image=settings.sandbox_image,
        cpu=settings.sandbox_cpu,
        memory=settings.sandbox_memory,
        grace_s=settings.grace_s,
    )


def _own_images(settings: Settings, steps: Steps, shape: Shape, code: Sequence[str]) -> Shape:
    """The same with images of ours where no other is wished for."""
    if settings.wanted_images is not Images.OWN:
        return shape
    return replace(
        shape,
        ray_image=shape.ray_image or images.have(images.ray_build(code), steps),
        sandbox_image=shape.sandbox_image or images.have(images.sandbox_build(), steps),
    )


def _load(steps: Steps, local: LocalCluster, api: Api, wanted: list[str], specs: Sequence[Document] = ()) -> None:
    """Bring images to the nodes that lack them, through this machine's Docker."""
    if lacking := images.lacking(api.items("/api/v1/nodes"), wanted, specs):
        missing = sorted({image for each in lacking.values() for image in each})
        images.pull(missing, steps)
        steps.waits_for(f"loading {', '.join(missing)} into {', '.join(lacking)}")
        local.load(missing, list(lacking))


def _have_operator(
    settings: Settings, steps: Steps, access: Access, api: Api, local: LocalCluster | None, *, install: bool
) -> None:
    if local is None and not install:
        operator.check_served(api, settings, access)
        return
    with steps.step("KubeRay's operator"):
        if operator.is_installed(api, settings.kuberay_manifests):
            return
        found = operator.read(settings.kuberay_manifests)
        if local is not None:
            _load(steps, local, api, found.images)
        operator.install(access, api, found, steps)


def _wait_until_unused(settings: Settings, steps: Steps, place: use.Place, existing: template.Document) -> None:
    """Let others finish what runs in a RayCluster of another version. Raises PoolUnavailable where that takes long."""
    if settings.replace is Replace.NOW:
        return
    while who := use.described(place, existing):
        steps.waits_for(
            f"{place} runs another version of this package, and is used by {who}: it is replaced once nobody uses it. "
            "LIVECODEBENCH_K8S_REPLACE=now does not wait, and their work is lost; LIVECODEBENCH_K8S_NAMESPACE=another "
            "makes one of your own"
        )
        steps.pause(_USE_LOOK_S)


def _wait_for_nodes(api: Api, steps: Steps) -> None:
    while True:
        try:
            nodes, version = api.look("/api/v1/nodes")
        except PoolUnavailable as error:
            steps.waits_for(str(error))
            steps.pause(_LOOK_S)
            continue
        waiting = [node["metadata"]["name"] for node in nodes if not pods.is_ready(node)]
        if nodes and not waiting:
            return
        steps.waits_for(f"nodes to be ready: {', '.join(waiting)}")
        api.wait_for_change("/api/v1/nodes", version, for_s=_LOOK_S)


def _wait_for_pods(standing: Standing, steps: Steps, wanted: int) -> None:
    """Wait for the head and so many sandboxes."""
    path, selector = f"/api/v1/namespaces/{standing.namespace}/pods", f"ray.io/cluster={template.RAYCLUSTER}"
    while True:
        found, version = standing.api.look(path, labelSelector=selector)
        heads = [pod for pod in found if pods.is_head(pod)]
        ready = [pod for pod in found if not pods.is_head(pod) and pods.is_ready(pod)]
        if any(map(pods.is_ready, heads)) and len(ready) >= wanted:
            return
        late = [f"{pod['metadata']['name']} {pods.why_not_ready(pod)}" for pod in found if not pods.is_ready(pod)]
        steps.waits_for(
            f"{len(ready)} of {wanted} sandboxes ready, head {'ready' if any(map(pods.is_ready, heads)) else 'not'}; "
            + ("; ".join(late[:4]) or "no more pods yet: see the operator's log")
        )
        standing.api.wait_for_change(path, version, for_s=_LOOK_S, labelSelector=selector)
