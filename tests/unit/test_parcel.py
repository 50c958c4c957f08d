"""Cases on their way to another process: read, put and decoded once for many batches, in bounded memory."""

from __future__ import annotations

import pytest

from lcb_ray.agent.protocol import Program
from lcb_ray.batch import Batch, Case, PackedCases
from lcb_ray.parcel import Opened, Shelf


class Store:
    """Where contents are put, with a count of how often."""

    def __init__(self):
        self.contents = []
        self.fetched = 0

    def put(self, content):
        self.contents.append(content)
        return len(self.contents) - 1

    def fetch(self, place):
        self.fetched += 1
        return self.contents[place]


def split(data):
    return [Case(part, part.decode()) for part in data.split()]


def backwards(cases):
    return list(reversed(cases))


def batch(data, *, key=None, reads=None, arrange=None):
    def read():
        if reads is not None:
            reads.append(key)
        return data

    packed = PackedCases(key=data if key is None else key, read=read, unpack=split, arrange=arrange)
    return Batch(Program(source=b""), lambda: pytest.fail("cases are made of what is packed"), None, packed=packed)


def loose(cases):
    return Batch(Program(source=b""), lambda: cases, None)


@pytest.fixture
def store():
    return Store()


def test_small_contents_travel_with_the_batch(store):
    parcel = Shelf(store.put, inline_bytes=10).parcel(batch(b"a b"))
    assert (parcel.content, parcel.put, store.contents) == (b"a b", (), [])
    assert Opened(store.fetch).cases(parcel) == split(b"a b")


def test_large_contents_are_put(store):
    parcel = Shelf(store.put, inline_bytes=2).parcel(batch(b"a b"))
    assert (parcel.content, parcel.put, store.contents) == (None, (0,), [b"a b"])
    assert Opened(store.fetch).cases(parcel) == split(b"a b")


def test_a_problem_s_tests_are_read_and_put_once(store):
    shelf, reads = Shelf(store.put, inline_bytes=0), []
    parcels = [shelf.parcel(batch(b"a b", key="one", reads=reads)) for _ in range(3)]
    assert reads == ["one"]
    assert store.contents == [b"a b"]
    assert len({parcel.digest for parcel in parcels}) == 1


def test_equal_contents_of_two_keys_are_put_once(store):
    shelf, reads = Shelf(store.put, inline_bytes=0), []
    for key in ("one", "two", "one", "two"):
        shelf.parcel(batch(b"a b", key=key, reads=reads))
    assert reads == ["one", "two"]
    assert store.contents == [b"a b"]


def test_what_did_not_arrive_is_put_again(store):
    shelf = Shelf(store.put, inline_bytes=0)
    shelf.forget(shelf.parcel(batch(b"a b")))
    assert shelf.parcel(batch(b"a b")).put == (1,)
    shelf.forget(shelf.parcel(batch(b"other")))
    assert shelf.parcel(batch(b"a b")).put == (1,)


def test_the_shelf_is_bounded_and_the_last_used_stay(store):
    shelf, reads = Shelf(store.put, inline_bytes=0, shelf_bytes=6), []
    for data in (b"aaa", b"bbb", b"aaa", b"ccc", b"aaa", b"bbb"):
        shelf.parcel(batch(data, key=data, reads=reads))
    assert reads == [b"aaa", b"bbb", b"ccc", b"bbb"]


def test_what_is_longer_than_the_shelf_is_kept_until_the_next(store):
    shelf, reads = Shelf(store.put, inline_bytes=0, shelf_bytes=2), []
    for data in (b"aaa", b"aaa", b"bbb", b"aaa"):
        shelf.parcel(batch(data, key=data, reads=reads))
    assert reads == [b"aaa", b"bbb", b"aaa"]


def test_cases_without_a_packed_form_are_sent_as_they_are(store):
    shelf, cases = Shelf(store.put, inline_bytes=10), [Case(b"12345", "12345")]
    parcel = shelf.parcel(loose(cases))
    assert (parcel.content, parcel.put, parcel.digest) == (cases, (), "")
    assert list(Opened(store.fetch).cases(parcel)) == cases
    large = shelf.parcel(loose([*cases, Case(b"6")]))
    assert store.contents == [[*cases, Case(b"6")]]
    assert list(Opened(store.fetch).cases(large)) == [*cases, Case(b"6")]


def test_a_sandbox_fetches_and_decodes_once(store):
    shelf, opened = Shelf(store.put, inline_bytes=0), Opened(store.fetch)
    seen = [opened.cases(shelf.parcel(batch(b"a b"))) for _ in range(3)]
    assert store.fetched == 1
    assert seen[0] is seen[1] is seen[2]


def test_batches_with_equal_contents_may_arrange_them_differently(store):
    shelf, opened = Shelf(store.put, inline_bytes=0), Opened(store.fetch)
    assert opened.cases(shelf.parcel(batch(b"a b"))) == split(b"a b")
    assert opened.cases(shelf.parcel(batch(b"a b", arrange=backwards))) == split(b"b a")
    assert opened.cases(shelf.parcel(batch(b"a b"))) == split(b"a b")
    assert store.fetched == 1


def test_what_a_sandbox_remembers_is_bounded(store):
    shelf, opened = Shelf(store.put, inline_bytes=0), Opened(store.fetch, decoded_bytes=4)
    for data in (b"a", b"b", b"a", b"c", b"a", b"b", b"longer"):
        opened.cases(shelf.parcel(batch(data)))
    assert store.fetched == 5  # a, b, c, b again, and what is too long to keep
    opened.cases(shelf.parcel(batch(b"longer")))
    assert store.fetched == 6


def test_what_reading_and_unpacking_raise_goes_through(store):
    def broken(*_):
        raise KeyError("of the dataset")

    shelf, opened = Shelf(store.put), Opened(store.fetch)
    packed = PackedCases(key=1, read=broken, unpack=split)
    with pytest.raises(KeyError):
        shelf.parcel(Batch(Program(source=b""), list, None, packed=packed))
    parcel = shelf.parcel(Batch(Program(source=b""), list, None, packed=PackedCases(key=2, read=bytes, unpack=broken)))
    for _ in range(2):
        with pytest.raises(KeyError):
            opened.cases(parcel)
