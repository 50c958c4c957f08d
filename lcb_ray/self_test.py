"""What a sandbox must pass before it serves: programs that try to break out or to take too much, run as any other.

The agent has proven its jail by then, to itself. This asks from outside, on the way that programs take, with the
addresses of this very place: a jail that was weakened, or an agent that says more than it does, is found out. Named
checks, in order; the first that fails decides. Where Ray is, and whether it wants a token, lcb_ray.ray_pool.pod adds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from lcb_ray.agent.protocol import ExecutionResult, Limits, Outcome, Program
from lcb_ray.agent_client import CancelSignal, Connection
from lcb_ray.agent_keeper import Agent
from lcb_ray.errors import SandboxUnusable

PROPERTIES = ("no_new_privs", "no_network", "no_signal_out", "fs_readonly", "no_exec", "no_foreign_memory")
_LIMITS = Limits(cpu_s=5.0, memory_bytes=256 * 1024**2, output_bytes=1024**2)
_SAID = 500  # characters of what a probe says, in an error

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is tested.

    Attributes:
        agent: The sandbox's.
        addresses: What must be out of a program's reach: a name for people, host and port.
        sockets: Paths of Unix sockets, likewise.
        folders: Where a program must not write.
    """

    agent: Agent
    addresses: Mapping[str, Address] = field(default_factory=dict)
    sockets: Sequence[str] = ()
    folders: Sequence[str] = ("/tmp", "/dev/shm", "/var/tmp", ".")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold.

    Attributes:
        name: For errors and documents.
        meaning: In one line.
        run: What is wrong, in words; "" where it holds. Raises SandboxError where that cannot be told.
    """

    name: str
    meaning: str
    run: Callable[[Subject], str]


def self_test(subject: Subject, checks: Iterable[Check]) -> None:
    """Run the checks. Raises SandboxUnusable with the name of the first that fails and why, SandboxLost."""
    for check in checks:
        if wrong := check.run(subject):
            raise SandboxUnusable(f"this sandbox does not serve: its self-test failed at {check.name!r}: {wrong}")


def properties_given(hello: Mapping[str, object]) -> str:
    """What is wrong with what an agent says of its jail; "" where it has proven all properties."""
    given = hello.get("properties")
    missing = [name for name in PROPERTIES if not isinstance(given, dict) or not given.get(name)]
    return f"the agent has not proven {', '.join(missing)}" if missing else ""


_REACHES = """
import json, socket
given, managed = json.loads(input()), []

def attempt(what, action):
    try:
        action()
    except (OSError, RuntimeError):
        return
    managed.append(what)

def reach(address):
    with socket.create_connection(address, timeout=0.2):
        pass

def ask(address):
    with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(tuple(address))
        sock.send(b"?")

def call(path):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)

for family in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_VSOCK", "AF_PACKET"):
    for kind in ("SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW"):
        arguments = getattr(socket, family), getattr(socket, kind)
        attempt(f"open a socket {family}/{kind}", lambda: socket.socket(*arguments).close())
for name, address in given["addresses"].items():
    attempt("reach " + name, lambda: reach(address))
    attempt("send to " + name, lambda: ask(address))
for path in given["sockets"]:
    attempt("reach " + path, lambda: call(path))
attempt("ask for a name", lambda: socket.getaddrinfo("localhost", 80))
print(json.dumps(managed[::-1]))
print("end")
"""

_TOUCHES = """
import json, os
given, managed = json.loads(input()), []

def attempt(what, action):
    try:
        action()
    except (OSError, RuntimeError):
        return
    managed.append(what)

def fork():
    if os.fork() == 0:
        os._exit(0)

def write(path):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
    os.unlink(path)

for folder in given["folders"]:
    attempt("write to " + folder, lambda: write(f"{folder}/self-test-{os.getpid()}"))
attempt("start a process", fork)
for pid in (1, os.getppid()):
    attempt(f"signal process {pid}", lambda: os.kill(pid, 0))
    attempt(f"read the environment of process {pid}", lambda: open(f"/proc/{pid}/environ").read())
    attempt(f"read the memory of process {pid}", lambda: open(f"/proc/{pid}/mem", "rb"))
print(json.dumps(managed), flush=True)
attempt("run another program", lambda: os.execv("/bin/true", ["true"]))  # then it never gets to the end
print("end")
"""


def _run(subject: Subject, source: str, limits: Limits, given: object = None) -> ExecutionResult:
    """Run a probe as any program is run. Raises SandboxError."""
    with closing(CancelSignal()) as never, Connection(subject.agent.connect(), never) as connection:
        connection.compile(Program(source=source.encode()), limits)
        (result,) = connection.results([json.dumps(given).encode() + b"\n"])
        connection.finish()
    return result


def _managed(subject: Subject, source: str, given: object) -> str:
    """What a probe managed that it should not have."""
    result = _run(subject, source, _LIMITS, given)
    said, _, last = result.stdout.decode("utf-8", "replace").strip().partition("\n")
    if result.outcome is Outcome.EXITED and said and not last:
        return "a program can run another program"
    if result.outcome is not Outcome.EXITED or last != "end":
        words = result.stderr.decode("utf-8", "replace").strip()[-_SAID:]
        return f"the probe ended with {result.outcome}, exit code {result.exit_code}, signal {result.signal}: {words}"
    return "" if said == "[]" else f"a program can {said.strip('[]').replace(chr(34), '')[:_SAID]}"


def _reaches(subject: Subject) -> str:
    given = {"addresses": subject.addresses, "sockets": list(subject.sockets)}
    return _managed(subject, _REACHES, given)


def _touches(subject: Subject) -> str:
    return _managed(subject, _TOUCHES, {"folders": list(subject.folders)})


def _held_to(limits: Limits, source: str, *due: Outcome) -> Callable[[Subject], str]:
    def check(subject: Subject) -> str:
        outcome = _run(subject, source, limits).outcome
        wanted = " or ".join(due)
        return "" if outcome in due else f"a program that takes too much ended with {outcome}, not with {wanted}"

    return check


JAIL_CHECKS: tuple[Check, ...] = (
    Check(
        "properties",
        "the agent has proven every required property of the jail by effect",
        lambda subject: properties_given(subject.agent.hello),
    ),
    Check(
        "no way out",
        "no socket of any kind, and none of these: Ray's ports here and on the head, the dashboard, the gateway, the "
        "Kubernetes API, DNS, the cloud's metadata, another pod, the agent's own socket",
        _reaches,
    ),
    Check(
        "nothing to touch",
        "no file to write, no process to start, signal or read",
        _touches,
    ),
    Check(
        "memory limit",
        "a program that takes too much memory is ended",
        _held_to(Limits(cpu_s=5.0, memory_bytes=64 * 1024**2), "x = bytearray(256 * 1024**2)", Outcome.MEMORY_LIMIT),
    ),
    Check(
        "CPU limit",
        "a program that takes too much CPU time is ended",
        # On a busy node the wall may be noticed first.
        _held_to(Limits(cpu_s=0.1), "while True:\n    pass", Outcome.CPU_LIMIT, Outcome.WALL_LIMIT),
    ),
    Check(
        "output limit",
        "a program that writes too much is ended",
        _held_to(Limits(cpu_s=5.0, output_bytes=4096), "print('x' * 100_000)", Outcome.OUTPUT_LIMIT),
    ),
)
