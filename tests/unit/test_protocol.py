"""The wire protocol: what one side writes the other reads, and whatever else arrives is a WireError."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lcb_ray.agent import protocol
from lcb_ray.agent.protocol import HEAD, ExecutionResult, Frame, Limits, Mode, Outcome, Program, Usage, WireError

amounts = st.integers(1, 2**63 - 1)
seconds = st.floats(min_value=1e-9, max_value=1e9)
counts = st.floats(min_value=0, max_value=1e9)
limits = st.builds(
    Limits,
    cpu_s=seconds,
    overload_wall_s=seconds,
    memory_bytes=amounts,
    output_bytes=st.integers(1, protocol.MAX_OUTPUT_BYTES),
    threads=amounts,
    open_files=amounts,
)
programs = st.one_of(
    st.builds(Program, source=st.binary(max_size=50)),
    st.builds(Program, source=st.binary(max_size=50), mode=st.just(Mode.CALL), function=st.text(max_size=20)),
)
usages = st.builds(Usage, cpu_s=counts, wall_s=counts, wait_s=counts, max_rss_bytes=st.integers(0, 2**62))
results = st.builds(
    ExecutionResult,
    index=st.integers(-1, 10**6),
    outcome=st.sampled_from(Outcome),
    exit_code=st.none() | st.integers(0, 255),
    signal=st.none() | st.integers(1, 64),
    uncaught=st.text(max_size=20),
    usage=usages,
    stdout=st.binary(max_size=20),
    value=st.binary(max_size=20),
    stderr=st.binary(max_size=20),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def good_result():
    """Readers use fields up, so each call makes them anew; from JSON, as they arrive."""
    result = ExecutionResult(index=0, outcome=Outcome.EXITED, stdout=b"abc")
    return json.loads(json.dumps(protocol.result_fields(result, 3, 0, 0)))


def good_program():
    program = Program(source=b"", mode=Mode.CALL, function="f")
    return json.loads(json.dumps(protocol.program_fields(program, Limits())))


def attempt(read, *args):
    """What it reads; None where it refuses, in few words."""
    try:
        return read(*args)
    except WireError as error:
        message = str(error)
    assert len(message) < 300
    return None


def over_the_wire(kind, fields, body):
    """The frame as bytes, and read again."""
    data = protocol.pack_head(kind, fields, len(body)) + body
    got, text_bytes, body_bytes = protocol.unpack_head(data[: HEAD.size])
    assert got is kind
    assert len(data) == HEAD.size + text_bytes + body_bytes
    return protocol.unpack_fields(data[HEAD.size : HEAD.size + text_bytes]), data[HEAD.size + text_bytes :]


def mutated(fields, path, value):
    """The fields with another value at a path; `path` is taken modulo what is there."""
    names = [(fields, name) for name in fields]
    names += [(inner, name) for inner in fields.values() if isinstance(inner, dict) for name in inner]
    holder, name = names[path % len(names)]
    holder[name] = value
    return fields


@given(programs, limits)
def test_a_program_arrives_as_it_was_sent(program, limits):
    fields, source = over_the_wire(Frame.PROGRAM, protocol.program_fields(program, limits), program.source)
    assert protocol.read_program(fields, source) == (program, limits)


@given(results, st.sampled_from([Frame.RESULT, Frame.COMPILED]))
def test_a_result_arrives_as_it_was_sent(result, kind):
    body = result.stdout + result.value + result.stderr
    fields = protocol.result_fields(result, len(result.stdout), len(result.value), len(result.stderr))
    assert protocol.read_result(*over_the_wire(kind, fields, body)) == result


@given(
    st.sampled_from([kind for kind in Frame if kind not in protocol._LONGEST_BODY]),
    st.dictionaries(st.text(), st.integers()),
)
def test_a_frame_without_a_body_arrives_as_it_was_sent(kind, fields):
    assert over_the_wire(kind, fields, b"") == (fields, b"")


@given(st.binary(min_size=HEAD.size, max_size=HEAD.size))
def test_any_head_is_bounded_or_refused(data):
    if (head := attempt(protocol.unpack_head, data)) is None:
        return
    kind, text_bytes, body_bytes = head
    assert text_bytes <= protocol.MAX_HEADER_BYTES
    assert body_bytes <= protocol._LONGEST_BODY.get(kind, 0)


@pytest.mark.parametrize("kind", Frame)
def test_the_bounds_of_each_frame(kind):
    longest = protocol._LONGEST_BODY.get(kind, 0)
    assert protocol.unpack_head(HEAD.pack(kind, protocol.MAX_HEADER_BYTES, longest)) == (
        kind,
        protocol.MAX_HEADER_BYTES,
        longest,
    )
    for text_bytes, body_bytes in ((protocol.MAX_HEADER_BYTES + 1, 0), (0, longest + 1), (2**32 - 1, 2**32 - 1)):
        with pytest.raises(WireError, match="announces"):
            protocol.unpack_head(HEAD.pack(kind, text_bytes, body_bytes))


def test_what_the_limits_allow_fits_a_frame():
    largest = 2 * protocol.MAX_OUTPUT_BYTES + protocol.STDERR_TAIL_BYTES
    protocol.unpack_head(HEAD.pack(Frame.RESULT, 0, largest))


@given(st.binary(max_size=60) | st.text(max_size=40).map(str.encode) | values.map(json.dumps).map(str.encode))
@example(b"[" * 60_000)
@example(b'{"a":' * 12_000)
@example(b'{"a":' + b"1" * 60_000 + b"}")
@example(b"\xff\xfe{\x00}\x00")
def test_any_json_is_an_object_or_refused(text):
    assert isinstance(attempt(protocol.unpack_fields, text), dict | None)


@given(values, st.integers(0, 50), st.binary(max_size=5))
@example(float("nan"), 4, b"abc")
@example(float("inf"), 4, b"abc")
@example(2**4000, 9, b"abc")
@example([1, 1], 6, b"abc")
@example([2**5000, 0, 3], 6, b"abc")
@example([-1, 1, 3], 6, b"abc")
def test_a_result_with_anything_changed_is_whole_or_refused(value, path, body):
    for fields, data in ((mutated(good_result(), path, value), b"abc"), (good_result(), body), ({"x": value}, body)):
        if (result := attempt(protocol.read_result, fields, data)) is None:
            continue
        assert isinstance(result.outcome, Outcome)
        assert type(result.index) is int
        assert result.stdout + result.value + result.stderr == data
        assert all(0 <= amount < 2**63 for amount in dataclasses.astuple(result.usage))


@given(values, st.integers(0, 50))
@example(float("nan"), 3)
@example(float("inf"), 3)
@example(10**400, 3)
@example(0, 6)
def test_a_program_with_anything_changed_is_whole_or_refused(value, path):
    for fields in (mutated(good_program(), path, value), {"limits": value}):
        if (read := attempt(protocol.read_program, fields, b"source")) is None:
            continue
        program, limits = read
        assert isinstance(program.mode, Mode)
        assert all(0 < amount < 2**63 for amount in dataclasses.astuple(limits))
        assert limits.output_bytes <= protocol.MAX_OUTPUT_BYTES


@pytest.mark.parametrize("name", list(good_result()))
def test_each_field_of_a_result_is_needed(name):
    fields = good_result()
    del fields[name]
    with pytest.raises(WireError, match=name):
        protocol.read_result(fields, b"abc")


@pytest.mark.parametrize("name", list(good_program()))
def test_each_field_of_a_program_is_needed(name):
    fields = good_program()
    del fields[name]
    with pytest.raises(WireError, match=name):
        protocol.read_program(fields, b"")


@pytest.mark.parametrize(
    ("read", "fields", "body"),
    [
        (protocol.read_result, good_result(), b"abc"),
        (protocol.read_program, good_program(), b""),
    ],
)
def test_a_field_too_many_is_refused(read, fields, body):
    with pytest.raises(WireError, match="unknown fields: extra"):
        read(fields | {"extra": 1}, body)


@pytest.mark.parametrize(
    ("mode", "function"), [(Mode.CALL, None), (Mode.SCRIPT, "f"), ("exec", None), (None, None), (Mode.CALL, 3)]
)
def test_a_function_is_named_for_calls_and_only_there(mode, function):
    with pytest.raises(WireError):
        protocol.read_program(good_program() | {"mode": mode, "function": function}, b"")


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize("name", ["index", "exit_code", "signal"])
def test_true_is_not_a_number(name, flag):
    with pytest.raises(WireError, match=name):
        protocol.read_result(good_result() | {name: flag}, b"abc")
