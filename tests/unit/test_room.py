"""How much of a Ray cluster a pool takes."""

from __future__ import annotations

import pytest

from lcb_ray.ray_pool.room import SANDBOX_HEAD, room_in
from lcb_ray.rules.state import PoolRules


def nodes(*resources, dead=()):
    alive = [{"Alive": True, "Resources": one} for one in resources]
    return alive + [{"Alive": False, "Resources": one} for one in dead]


def test_a_plain_cluster_has_a_sandbox_for_each_node_by_default():
    room = room_in(nodes({"CPU": 4.0}, {"CPU": 2.0}), slots=None)
    assert (room.slots, room.options, room.most, room.grows) == (2, {"num_cpus": 2}, 3, False)


@pytest.mark.parametrize(("slots", "taken", "most"), [(1, 1, 6), (2, 2, 3), (8, 2, 3)])
def test_slots_take_cpus_and_at_most_all_of_a_node(slots, taken, most):
    room = room_in(nodes({"CPU": 4.0}, {"CPU": 2.0}), slots=slots)
    assert (room.slots, room.options, room.most) == (slots, {"num_cpus": taken}, most)


def test_dead_nodes_and_those_without_cpus_do_not_count():
    room = room_in(nodes({"CPU": 2.0}, {"memory": 1.0}, dead=[{"CPU": 1.0}]), slots=None)
    assert (room.slots, room.most) == (2, 1)


def test_nodes_made_for_sandboxes_take_one_each_and_no_cpu():
    room = room_in(nodes({"CPU": 8.0}, {"sandbox": 1.0}, {"sandbox": 1.0}), slots=None)
    assert (room.slots, room.most, room.grows) == (1, 2, True)
    assert room.options == {"num_cpus": 0, "resources": {"sandbox": 1}}


def test_a_cluster_whose_sandbox_nodes_have_all_gone_gets_new_ones():
    room = room_in(nodes({SANDBOX_HEAD: 1.0, "memory": 1.0}), slots=4)
    rules = room.rules(PoolRules(max_size=30))
    assert (rules.slots, rules.default_size, rules.max_size) == (4, 1, 30)
    assert room.options == {"num_cpus": 0, "resources": {"sandbox": 1}}


def test_a_pool_on_a_plain_cluster_is_no_larger_than_the_cluster():
    rules = room_in(nodes({"CPU": 4.0}), slots=2).rules(PoolRules())
    assert (rules.slots, rules.default_size, rules.max_size) == (2, 2, 2)
