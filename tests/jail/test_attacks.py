"""Programs that try to get out, on the jail of this kernel and on those of older ones: what they aimed at is untouched.

The attacks are files in tests/corpus/attacks; its README says how they are written. By default each is run where the
`local` backend would run it, and some of them in each other configuration; LCB_ATTACKS=all runs all of them everywhere.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests import processes
from tests.attack_target import CONFIGURATIONS, FIRST_UID, Target
from tests.attacks import ATTACKS, KINDS
from tests.listening_agent import NOBODY

pytestmark = pytest.mark.jail

REQUIRED = {"no_new_privs", "no_network", "no_signal_out", "fs_readonly", "no_exec", "no_foreign_memory"}
EVERYWHERE = os.environ.get("LCB_ATTACKS") == "all"
USUAL, *OTHERS = CONFIGURATIONS


def cover():
    """Which attack runs in which configuration: each in the usual one; of the others, each runs a share of its own."""
    for name in CONFIGURATIONS:
        for number, attack in enumerate(ATTACKS):
            if EVERYWHERE or name == USUAL or number % len(OTHERS) == OTHERS.index(name):
                yield name, attack


@pytest.fixture(scope="module")
def targets():
    """Gives the target of a configuration, made once: the attacks on it share one agent."""
    made = {}

    def target(name):
        if lacks := CONFIGURATIONS[name].lacks():
            pytest.skip(lacks)
        if name not in made:
            made[name] = Target(CONFIGURATIONS[name])
        return made[name]

    yield target
    for one in made.values():
        one.close()


def test_there_are_enough_and_of_every_kind():
    assert len(ATTACKS) >= 80
    assert {attack.kind for attack in ATTACKS.values()} == set(KINDS)
    assert len({attack.aim for attack in ATTACKS.values()}) == len(ATTACKS)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_every_required_property_holds(targets, name):
    target = targets(name)
    layers = target.properties
    assert set(layers) == REQUIRED
    assert all(layers.values())
    if name.startswith("no-"):
        assert layers["fs_readonly"] == ["seccomp_open"]
    if name in ("landlock-1", "landlock-4"):
        assert "landlock_scope" not in layers["no_signal_out"]
    if name == "no-landlock-no-namespace":
        assert layers["no_network"] == ["seccomp"]
    if name in ("unprivileged", "no-pidfd"):
        assert processes.uid(target.neighbour) == NOBODY
    if name == "own-uids":
        assert "own_uid" in layers["no_signal_out"]
        assert processes.uid(target.neighbour) in (FIRST_UID, FIRST_UID + 1)
    assert "CapEff:\t0000000000000000" in Path(f"/proc/{target.neighbour}/status").read_text()


@pytest.mark.parametrize(("name", "attack"), list(cover()))
def test_an_attack_is_contained(targets, name, attack):
    target = targets(name)
    if ATTACKS[attack].needs_landlock and target.properties["fs_readonly"] != ["landlock"]:
        pytest.skip("without Landlock, files of the machine can be read: docs/security.md says so")
    if not ATTACKS[attack].here:
        pytest.skip(f"only on {ATTACKS[attack].machine}")
    assert target.attack(ATTACKS[attack]) == []
