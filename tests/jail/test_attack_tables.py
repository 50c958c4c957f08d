"""The tables of docs/attacks.md are about these attacks, configurations and layers; of each row a sample is made again.

The whole takes minutes: `python -m tests.attack_tables`.
"""

from __future__ import annotations

import re
from contextlib import closing

import pytest

from lcb_ray.agent.jail import LAYERS
from lcb_ray.agent.properties import GIVEN_BY
from tests import attack_tables
from tests.attack_places import PLACES
from tests.attack_target import CONFIGURATIONS
from tests.attacks import ATTACKS

ENVIRONMENTS, ROWS = attack_tables.written("environments"), attack_tables.written("layers")
pytestmark = [
    pytest.mark.jail,
    pytest.mark.skipif(
        not (ENVIRONMENTS and ROWS), reason="docs/attacks.md has no tables: python -m tests.attack_tables makes them"
    ),
]


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_every_attack_and_configuration_is_in_the_table_and_held():
    head, _, *lines = ENVIRONMENTS
    assert cells(head)[2:] == list(PLACES)
    assert {cells(line)[0].strip("`"): cells(line)[1] for line in lines} == {
        attack.name: attack.aim for attack in ATTACKS.values()
    }
    for place, column in attack_tables.columns_of(ENVIRONMENTS).items():
        for name, cell in column.items():
            allowed = {"held"} | ({"can read"} if ATTACKS[name].needs_landlock else set())
            assert cell in allowed or (place == "gvisor" and cell == "**NOT HELD**"), (place, name, cell)


def test_what_gvisor_does_not_hold_is_told():
    column = attack_tables.columns_of(ENVIRONMENTS)["gvisor"]
    told = attack_tables.PAGE.read_text().partition("## gVisor")[2]
    assert told
    for name, cell in column.items():
        assert (f"| `{name}` |" in told) == (cell == "**NOT HELD**"), name


def test_every_layer_is_in_the_table_alone():
    assert len(ROWS) == 2 + len(attack_tables.ROWS)
    alone = {row.without[0] for row in attack_tables.ROWS if len(row.without) == 1}
    assert alone == set(LAYERS)


@pytest.mark.parametrize(
    "row", attack_tables.ROWS, ids=lambda row: f"{row.configuration} without {'+'.join(row.without)}"
)
def test_without_a_layer_the_corpus_fails_or_another_layer_is_named(row):
    [line] = [
        line
        for line in ROWS[2:]
        if cells(line)[:2] == [row.configuration, " + ".join(f"`{one}`" for one in row.without)]
    ]
    _, _, lost, through = cells(line)
    if lacks := CONFIGURATIONS[row.configuration].lacks():
        pytest.skip(lacks)
    with closing(attack_tables.begin(row)) as target:
        assert [name for name in GIVEN_BY if name not in target.properties] == [
            name for name in lost.split(", ") if name != "none"
        ]
        named = re.findall(r"`(\w+)`", through)
        if row.instead:
            assert through == f"none: {row.instead}"
            assert not named
        else:
            assert target.attack(ATTACKS[named[0]]) != []
