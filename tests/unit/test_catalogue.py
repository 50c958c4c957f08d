"""The data file of checkers: whole, and refused with the entry's name where it is not."""

import json
import re

import pytest

from livecodebench.judging.checkers.catalogue import CatalogueError, Entry, catalogue, parse_catalogue
from livecodebench.judging.checkers.registry import CHECKERS

ERRATA = """abc311_c abc326_d abc327_b abc333_e abc343_e abc362_c find-words-containing-character find-the-peaks
generate-binary-strings-without-adjacent-zeros arc185_c abc343_a abc337_e abc355_e abc350_c
apply-operations-to-make-string-empty most-frequent-ids arc189_a"""


def one(**fields):
    complete = {"checker": "standard", "reason": "a reason", "source": "a source"} | fields
    return json.dumps({"problems": {"p1": {name: value for name, value in complete.items() if value is not None}}})


def test_the_bundled_file_covers_the_errata_and_uses_every_checker():
    entries = catalogue()
    assert not set(ERRATA.split()) - entries.keys()
    assert {entry.checker for entry in entries.values()} == {*CHECKERS, "standard"}


def test_a_standard_entry_says_why_it_is_there():
    for key, entry in catalogue().items():
        assert entry.checker != "standard" or entry.known_issue or key in ("abc327_b", "abc398_f")


def test_a_tolerance_is_the_number_that_its_reason_quotes():
    for entry in catalogue().values():
        if entry.checker == "tolerance":
            (power,) = re.findall(r"10\^\{(-\d+)\}", entry.reason)
            assert entry.parameters == {"error": float(f"1e{power}")}


def test_an_entry_is_read():
    text = one(checker="tolerance", parameters={"error": 0.5}, known_issue="an issue")
    assert parse_catalogue(text)["p1"] == Entry(
        checker="tolerance", parameters={"error": 0.5}, reason="a reason", source="a source", known_issue="an issue"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "expected one object"),
        ('{"problems": []}', "expected one object"),
        ('{"problems": {}, "more": 1}', "expected one object"),
        ('{"problems": {"p1": 1}}', "p1: expected an object"),
        ('{"problems": {"p1": {}, "p1": {}}}', r"given twice among \['p1', 'p1'\]"),
        (one(chekcer="standard"), "p1: expected an object with the fields"),
        (one(checker=None), "p1: checker must be a text"),
        (one(reason=" "), "p1: reason must be a text"),
        (one(source=None), "p1: source must be a text"),
        (one(known_issue=1), "p1: known_issue must be a text"),
        (one(checker="tolerant"), "p1: there is no checker 'tolerant'; there are standard, abc_grid"),
        (one(checker="tolerance"), "p1: tolerance takes exactly the parameters {'error': 'float'}, not {}"),
        (one(checker="tolerance", parameters={"error": 1}), "p1: tolerance takes exactly"),
        (one(checker="tolerance", parameters={"error": 0.1, "absolute": True}), "p1: tolerance takes exactly"),
        (one(parameters={"error": 0.1}), "p1: standard takes exactly the parameters {}"),
        (one(parameters=[]), "p1: standard takes exactly"),
        (one().replace("p1", "2951"), "2951: name a LeetCode problem by its slug"),
    ],
)
def test_a_broken_entry_is_refused_by_name(text, message):
    with pytest.raises(CatalogueError, match=message):
        parse_catalogue(text)
