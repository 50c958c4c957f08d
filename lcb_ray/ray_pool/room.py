"""How much of a Ray cluster a pool may have: where sandbox actors fit, with how many slots, and how many of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lcb_ray.rules.state import PoolRules

SANDBOX = "sandbox"  # a custom resource, 1 on each node that is made to be a sandbox
SANDBOX_HEAD = "sandbox-head"  # on the head of a cluster whose sandbox nodes come when they are wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Where sandbox actors go.

    Attributes:
        slots: Executions at once on each.
        options: Ray's options that place one.
        most: How many fit now. A cluster that grows by itself may have room for more.
        grows: Whether more may be asked for than fit now.
    """

    slots: int
    options: Mapping[str, Any]
    most: int
    grows: bool

    def rules(self, rules: PoolRules) -> PoolRules:
        """The rules, with sizes that this cluster can have."""
        max_size = rules.max_size if self.grows else min(rules.max_size, max(self.most, 1))
        return replace(rules, slots=self.slots, default_size=min(max(self.most, 1), max_size), max_size=max_size)


def room_in(nodes: Sequence[Mapping[str, Any]], *, slots: int | None) -> Room:
    """The room on these nodes, as `ray.nodes()` describes them.

    Nodes with the resource `sandbox` take one sandbox actor each, and no CPU of Ray's is counted for it: the CPUs are
    its neighbour's. On a plain cluster an actor takes as many CPUs as it has slots (at most all of a node), so that
    other work is counted against it; by default each node has one, as large as the smallest node allows.
    """
    alive = [node["Resources"] for node in nodes if node["Alive"]]
    made_for_it = sum(int(resources.get(SANDBOX, 0)) for resources in alive)
    if made_for_it or any(SANDBOX_HEAD in resources for resources in alive):
        options = {"num_cpus": 0, "resources": {SANDBOX: 1}}
        return Room(slots=slots or 1, options=options, most=made_for_it, grows=True)
    cpus = [int(resources.get("CPU", 0)) for resources in alive]
    smallest = min((count for count in cpus if count), default=1)
    taken = min(slots or smallest, smallest)
    most = sum(count // taken for count in cpus)
    return Room(slots=slots or smallest, options={"num_cpus": taken}, most=most, grows=False)
