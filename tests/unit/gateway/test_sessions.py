from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lcb_ray.gateway.sessions import Admission, SessionRules, Sessions

RULES = SessionRules(sessions=2, batches=4, kept_bytes=20, silence_s=60, dropped_s=10, answer_bytes=15, stored_bytes=10)
KEYS = st.sampled_from("abcdefg")


def opened():
    session = Sessions(RULES).open("d/one", 0)
    assert session is not None
    return session


def test_a_key_is_taken_once_whatever_became_of_it():
    session = opened()
    assert session.admission("a", b"content") is Admission.NEW
    session.begin("a", b"content")
    assert session.admission("a", b"content") is Admission.KNOWN
    session.end("a", b"result")
    assert session.admission("a", b"content") is Admission.KNOWN
    session.see(["a"])
    session.end("a", b"again")
    assert not session.results()
    assert session.admission("a", b"content") is Admission.KNOWN
    assert session.results() == [("a", b"result")], "the stored one"


def test_a_key_is_one_batch_s():
    session = opened()
    session.begin("a", b"content")
    assert session.admission("a", b"other") is Admission.OTHER


def test_what_was_seen_is_stored_as_long_as_there_is_room():
    session = opened()
    for key in "abc":
        session.begin(key, b"content")
        session.end(key, b"x" * 5)
        session.see(key)
    assert session.admission("a", b"content") is Admission.GONE
    assert [session.admission(key, b"content") for key in "bc"] == [Admission.KNOWN] * 2
    assert [key for key, _ in session.results()] == ["b", "c"]


def test_what_is_sent_makes_room():
    session = opened()
    for key in "abcd":
        session.begin(key, b"content")
        session.end(key, b"x")
    assert session.admission("e", b"content") is Admission.FULL
    session.send("a")
    assert session.admission("e", b"content") is Admission.NEW


def test_a_stream_brings_a_result_once_and_a_stored_one_again():
    session = opened()
    session.begin("a", b"content")
    session.end("a", b"x")
    assert session.results(unsent=True) == [("a", b"x")]
    session.send(["a"])
    assert not session.results(unsent=True)
    assert session.results() == [("a", b"x")]
    session.see("a")
    assert session.admission("a", b"content") is Admission.KNOWN
    assert session.results(unsent=True) == [("a", b"x")]
    session.send(["a"])
    session.begin_stream()
    assert session.results(unsent=True) == [("a", b"x")], "another stream"


def test_clients_of_one_domain_take_no_room_from_another_s():
    sessions = Sessions(RULES)
    assert sessions.open("one/a", 0)
    assert sessions.open("one/b", 0)
    assert sessions.open("one/c", 0) is None
    assert sessions.open("two/c", 0) is not None


def test_results_wait_until_they_were_seen():
    session = opened()
    for key in "ab":
        session.begin(key, b"content")
        session.end(key, key.encode())
    assert session.results() == session.results() == [("a", b"a"), ("b", b"b")]
    session.see(["a", "never heard of"])
    assert session.results() == [("b", b"b")]


def test_an_answer_has_a_bound_and_always_a_result():
    session = opened()
    for key in "abc":
        session.begin(key, b"content")
        session.end(key, b"x" * 10)
    assert [key for key, _ in session.results()] == ["a"]
    session.see("a")
    session.begin("d", b"content")
    session.end("d", b"x" * 100)
    session.see("bc")
    assert [key for key, _ in session.results()] == ["d"]


def test_who_does_not_fetch_results_can_post_no_more():
    session = opened()
    session.begin("a", b"content")
    session.end("a", b"x" * 21)
    assert session.admission("b", b"content") is Admission.FULL
    session.see("a")
    assert session.admission("b", b"content") is Admission.NEW


def test_many_batches_are_too_many():
    session = opened()
    for key in "abcd":
        session.begin(key, b"content")
    assert session.admission("e", b"content") is Admission.FULL
    assert session.admission("a", b"content") is Admission.KNOWN


def test_who_is_silent_has_gone_and_sooner_where_the_connection_broke():
    sessions = Sessions(RULES)
    one, two = sessions.open("d/one", 0), sessions.open("d/two", 0)
    assert one is not None
    assert two is not None
    assert sessions.open("d/three", 0) is None
    assert sessions.open("d/one", 5) is one
    two.drop(20)
    assert sessions.gone(29) == []
    assert sessions.gone(30) == ["d/two"]
    two.hear(31)
    assert sessions.gone(64) == []
    assert sessions.gone(65) == ["d/one"]
    sessions.close("d/one")
    assert sessions.get("d/one") is None
    assert sessions.open("d/three", 66) is not None


class Machine(RuleBasedStateMachine):
    """Whatever is said in whatever order: a key runs once, and its result is there until it was seen."""

    def __init__(self):
        super().__init__()
        self.session = opened()
        self.begun: set[str] = set()
        self.seen: set[str] = set()

    @rule(key=KEYS)
    def post(self, key):
        admission = self.session.admission(key, b"content")
        assert (admission in (Admission.KNOWN, Admission.GONE)) == (key in self.begun)
        if admission is Admission.GONE:
            assert key in self.seen
        if admission is Admission.KNOWN:
            self.seen.discard(key)
        if admission is Admission.NEW:
            self.session.begin(key, b"content")
            self.begun.add(key)

    @rule(key=KEYS, size=st.integers(0, 25))
    def end(self, key, size):
        self.session.end(key, b"x" * size)

    @rule()
    def stream(self):
        self.session.send([key for key, _ in self.session.results(unsent=True)])

    @rule()
    def begin_stream(self):
        self.session.begin_stream()

    @rule(keys=st.lists(KEYS))
    def see(self, keys):
        waiting = {key for key in self.begun if key in self.session._ended}
        self.session.see(keys)
        self.seen |= waiting & set(keys)

    @invariant()
    def holds(self):
        self.session.validate()
        shown = [key for key, _ in self.session.results()]
        assert bool(shown) == bool(self.session.waiting)
        assert not self.seen & set(shown)


TestMachine = Machine.TestCase
