"""Fuzz what reads hostile bytes, guided by coverage: each must answer or refuse, and nothing else.

    uv run --with atheris python benchmarks/fuzz_protocol.py client -max_total_time=600
    uv run --with atheris python benchmarks/fuzz_protocol.py agent -max_total_time=600
    uv run --with atheris python benchmarks/fuzz_protocol.py value -max_total_time=600

client is the client's side of a connection, fed by an agent that lies; agent is the agent's decoder, fed by a client
that does; value reads what a program returned. Further options are libFuzzer's. Ends with status 77 and the bytes in a
file where something else than a refusal is raised. Atheris is no dependency of the project.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["lcb_ray", "livecodebench", "json"]):
    from lcb_ray import fake
    from lcb_ray.agent import protocol
    from lcb_ray.agent.inbox import Inbox
    from lcb_ray.agent.protocol import ExecutionResult, Frame, Limits, Outcome, Program, WireError
    from lcb_ray.agent_client import CancelSignal, Connection
    from lcb_ray.errors import SandboxError
    from livecodebench.judging.call_value import UndecodableValueError, decode_value

_MOST = 100_000  # what a socket takes at once: nobody reads while it is written


def client(data: bytes) -> None:
    """A whole conversation with an agent that says these bytes."""
    ours, theirs = socket.socketpair()
    with theirs, closing(CancelSignal()) as signal:
        theirs.sendall(data[:_MOST])
        theirs.shutdown(socket.SHUT_WR)
        try:
            with Connection(ours, signal, silence_s=5.0, goodbye_s=5.0) as connection:
                connection.compile(Program(source=b""), Limits(output_bytes=1000))
                for result in connection.results([b"1", b"2"]):
                    assert len(result.stdout) <= 1000 * 2 + protocol.STDERR_TAIL_BYTES
                connection.finish()
        except SandboxError:
            return


def agent(data: bytes) -> None:
    """Frames as the warden takes them in."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.sendall(data[:_MOST])
        theirs.shutdown(socket.SHUT_WR)
        inbox = Inbox(ours)
        try:
            while (message := inbox.read()) is not None:
                try:
                    if message.kind is Frame.PROGRAM:
                        protocol.read_program(message.fields, os.pread(message.body, message.size, 0))
                finally:
                    os.close(message.body)
        except (WireError, EOFError):
            pass
        if inbox._body >= 0:
            os.close(inbox._body)


def value(data: bytes) -> None:
    """A returned value, as the checker reads it."""
    with contextlib.suppress(UndecodableValueError):
        decode_value(data, size_hint=1000)


def seeds(target: str) -> list[bytes]:
    """Right words, to start from."""
    if target == "value":
        return [b'[1, "a", {"$t": [1]}]', b'{"$d": [["a", 1.5]]}', b'{"$q": ["1", "3"]}', b'{"$r": "set"}', b"NaN"]
    if target == "agent":
        words = [protocol.pack_head(Frame.PROGRAM, protocol.program_fields(Program(source=b"x"), Limits()), 1) + b"x"]
        words += [protocol.pack_head(Frame.INPUT, {}, 2) + b"1\n", protocol.pack_head(Frame.END, {})]
    else:
        words = [protocol.pack_head(Frame.HELLO, fake.HELLO), fake.frame(fake.compiled())]
        words += [fake.frame(ExecutionResult(index=i, outcome=Outcome.EXITED, stdout=b"one")) for i in range(2)]
        words += [protocol.pack_head(Frame.DONE, {})]
    return [b"".join(words[: end + 1]) for end in range(len(words))]


def main() -> None:
    """Fuzz one of them."""
    targets = {"client": client, "agent": agent, "value": value}
    if len(sys.argv) < 2 or sys.argv[1] not in targets:
        raise SystemExit(__doc__)
    target = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for number, seed in enumerate(seeds(target)):
            Path(folder, str(number)).write_bytes(seed)
        pid = os.fork()
        if pid == 0:  # libFuzzer ends its process without a word to Python
            atheris.Setup([sys.argv[0], "-max_len=4096", *sys.argv[2:], folder], targets[target])
            atheris.Fuzz()
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    raise SystemExit(status)


if __name__ == "__main__":
    main()
