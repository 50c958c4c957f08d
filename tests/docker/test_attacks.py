"""A sample of tests/corpus/attacks in a container, under the engine's default profile, as an ordinary user.

tests/jail attacks the jail in all its forms; here it is seen to hold in a container too: beside a process of the same
user that listens, and a neighbour in the next slot. All: `python -m tests.attack_tables environments --only docker`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import attack_places
from tests.attack_places import Attacked
from tests.attacks import ATTACKS, SAMPLE

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def target() -> Iterator[Attacked]:
    with attack_places.opened("docker") as opened:
        yield opened


@pytest.mark.parametrize("attack", SAMPLE)
def test_an_attack_is_contained(target, attack):
    if not ATTACKS[attack].here:
        pytest.skip(f"only on {ATTACKS[attack].machine}")
    assert target.attack(ATTACKS[attack]) == []
