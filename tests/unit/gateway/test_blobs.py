from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lcb_ray.gateway.blobs import Blobs, NoRoom


def test_the_least_recently_used_goes_first():
    blobs = Blobs(10)
    blobs.add("a", b"xxxx")
    blobs.add("b", b"xxxx")
    assert blobs.hold("a") == b"xxxx"
    blobs.release("a")
    blobs.add("c", b"xxxx")
    assert ("a" in blobs, "b" in blobs, "c" in blobs) == (True, False, True)


def test_what_is_held_stays_and_leaves_no_room():
    blobs = Blobs(10)
    blobs.add("a", b"x" * 8)
    assert blobs.hold("a")
    with pytest.raises(NoRoom):
        blobs.add("b", b"xxxx")
    blobs.release("a")
    blobs.add("b", b"xxxx")
    assert "a" not in blobs


def test_one_larger_than_all_room_can_be_kept_alone():
    blobs = Blobs(10)
    blobs.add("small", b"x")
    blobs.add("large", b"x" * 100)
    assert ("small" in blobs, "large" in blobs) == (False, True)


class Machine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.blobs = Blobs(50)
        self.held: list[tuple[str, bytes]] = []

    @rule(name=st.sampled_from("abcdefgh"), size=st.integers(0, 60))
    def add(self, name, size):
        try:
            self.blobs.add(f"{name}{size}", b"x" * size)
        except NoRoom:
            assert self.held

    @rule(name=st.sampled_from("abcdefgh"), size=st.integers(0, 60))
    def hold(self, name, size):
        found = self.blobs.hold(f"{name}{size}")
        if found is not None:
            self.held.append((f"{name}{size}", found))

    @rule(data=st.data())
    def release(self, data):
        if self.held:
            name, _ = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
            self.blobs.release(name)

    @invariant()
    def what_is_held_is_there(self):
        self.blobs.validate()
        assert all(name in self.blobs for name, _ in self.held)


TestMachine = Machine.TestCase
