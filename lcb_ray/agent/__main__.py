"""Start an agent: `python -s -P -S agent.pyz --listen PATH`; a client's own with --control FD, --connect PATH, --stdio.

Before it serves, it proves each required property of the jail by effect; what it could not prove it says, and ends with
status 78. It starts itself once more where its environment is not clean, since what stands on a process's first stack
page stays readable to the programs it forks, and where its stack could not grow as deep recursion needs.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import platform
import resource
import socket
import sys
import sysconfig
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

from . import children, kernel, prelude, program, properties, relay
from .execution import SEES_WAITING, SandboxFault
from .jail import LAYERS, Jail
from .protocol import INPUT_WINDOW_BYTES, INPUT_WINDOW_CASES, VERSION, Mode
from .warden import take_descriptor
from .zygote import Zygote, accept

REFUSED = 78  # EX_CONFIG: this machine cannot give what is required
REFUSAL = ".refused"  # beside the socket it would have listened on: why not, for the client that waits for it
_STACK_BYTES = 1024**3  # C frames of deep recursion; grows on demand only, and counts as memory of the program
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    "PYTHONHASHSEED": "0",  # verdicts repeat
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
_PASSED_ON = (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
    "LD_LIBRARY_PATH",
)  # without them this machine's numpy may be wrong


def main(arguments: list[str] | None = None) -> int:
    """Run the agent. Returns its exit status: 0 at its client's end, REFUSED where a property is missing."""
    options = _parser().parse_args(arguments)
    if "clean_start" not in options.without:
        _start_clean()
    os.chdir("/")  # a relative path must not lead into the caller's folder, nor its name be told
    control = None
    try:
        control = _control(options)
        namespace = prelude.import_ahead()  # before the jail: memory limits count from what is loaded by now
        jail, hello = _prepare(options)
        listener = control if control is not None else _listen(options.listen)
    except (SandboxFault, OSError) as error:
        if options.listen is not None:
            _leave_word(options.listen, str(error))
        return _refuse(control, str(error))
    # Whoever connects to a client may have none of its processes in sight, let alone as its parent.
    own_client = children.PIDFDS and (options.control is not None or options.stdio)
    parent = os.pidfd_open(os.getppid()) if own_client else None
    modules = _modules(namespace)
    if control is not None:
        control.set_inheritable(False)
        control.send(json.dumps({"ready": hello}).encode())
    gc.collect()
    gc.freeze()
    take = take_descriptor if control is not None else accept
    Zygote(jail, modules, hello, listener=listener, accept=take, parent=parent).serve()
    os._exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="agent",
        description="Runs untrusted programs for a client, in a jail.",
        # Of a width that is given: to ask the terminal it would import what maps archives into every fork.
        formatter_class=partial(argparse.HelpFormatter, width=100),
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--listen", metavar="PATH", type=_absolute, help="Unix socket to serve on")
    where.add_argument("--control", type=int, metavar="FD", help="inherited socket that brings connections")
    where.add_argument(
        "--connect",
        metavar="PATH",
        type=_absolute,
        help="Unix socket of a client that brings connections; ends with it",
    )
    where.add_argument("--stdio", action="store_true", help="serve a client on standard input and output")
    parser.add_argument("--numpy", metavar="FOLDER", help="folder with the numpy programs may import, or 'auto'")
    parser.add_argument("--first-uid", type=int, metavar="UID", help="run slot n as uid UID + n (needs root)")
    parser.add_argument(
        "--require",
        metavar="A,B",
        type=_names_of(properties.REQUIRED),
        help="properties to insist on (default: the profile's)",
    )
    parser.add_argument(
        "--profile",
        default="linux",
        choices=properties.PROFILES,
        help="linux insists on all properties; gvisor does without what gVisor lacks: one program at a time, please",
    )
    parser.add_argument("--landlock-abi", type=int, metavar="N", help="use at most this version of Landlock")
    parser.add_argument(
        "--without",
        default=frozenset(),
        metavar="A,B",
        type=_names_of(LAYERS),
        help=f"leave out layers, to see what they stop: {', '.join(LAYERS)}",
    )
    return parser


def _absolute(path: str) -> str:
    return str(Path(path).absolute())


def _names_of(known: Sequence[str]) -> Callable[[str], frozenset[str]]:
    """A comma list of known names. A misspelt one would otherwise leave out what it was to insist on."""

    def names(text: str) -> frozenset[str]:
        given = frozenset(name for name in text.split(",") if name)
        if unknown := given - set(known):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}; choose of {', '.join(known)}")
        return given

    return names


def _start_clean() -> None:
    """Replace this process by itself with a clean environment and a stack limit that allows deep recursion."""
    wanted = _ENVIRONMENT | {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    stack = _STACK_BYTES if hard == resource.RLIM_INFINITY else min(_STACK_BYTES, hard)
    # LC_CTYPE is what Python itself sets when it finds the C locale.
    if {name: value for name, value in os.environ.items() if name != "LC_CTYPE"} == wanted and soft == stack:
        return
    resource.setrlimit(resource.RLIMIT_STACK, (stack, hard))
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], wanted)


def _prepare(options: argparse.Namespace) -> tuple[Jail, dict[str, object]]:
    """The jail, proven, and the fields of HELLO. Raises SandboxFault where a required property does not hold."""
    numpy_folder = _numpy_folder(options.numpy)
    namespaces = [] if "netns" in options.without else _own_network()
    first_uid = None if "own_uid" in options.without else _usable_uid(options.first_uid, numpy_folder)
    if first_uid is None and os.geteuid() == 0 and "capabilities" not in options.without:
        kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_DUMPABLE, int("dumpable" in options.without))
    if numpy_folder is not None:
        sys.meta_path.append(prelude.NumpyFinder(numpy_folder))
    jail = Jail(
        without=options.without,
        landlock_abi=options.landlock_abi,
        numpy_folder=numpy_folder,
        first_uid=first_uid,
    )
    broken = properties.prove(jail)
    required = properties.PROFILES[options.profile] if options.require is None else options.require
    missing = [f"{name} ({broken[name]})" for name in sorted(broken.keys() & required)]
    if missing:
        raise SandboxFault("jail", "required but not given here: " + "; ".join(missing))
    return jail, {
        "version": VERSION,
        "python": platform.python_version(),
        "numpy": _numpy_version(numpy_folder),
        "properties": _given(jail, namespaces, broken),
        "sees_waiting": SEES_WAITING,
        "window_bytes": INPUT_WINDOW_BYTES,
        "window_cases": INPUT_WINDOW_CASES,
    }


def _given(jail: Jail, namespaces: list[str], broken: dict[str, str]) -> dict[str, list[str]]:
    """For each property that holds, the layers in force that give it."""
    layers = {"no_new_privs", *jail.layers, *namespaces}
    if "seccomp" in layers and not jail.landlock_abi:
        layers.add("seccomp_open")
    if jail.landlock_abi >= 6:
        layers.add("landlock_scope")
    return {
        name: [layer for layer in givers if layer in layers]
        for name, givers in properties.GIVEN_BY.items()
        if name not in broken
    }


def _own_network() -> list[str]:
    """Leave the network and System V IPC of the machine where that is allowed: a second way to no_network."""
    try:
        kernel.syscall("unshare", kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC)
    except OSError:
        return []
    return ["netns"]


def _usable_uid(uid: int | None, numpy_folder: str | None) -> int | None:
    """The uid, if this process may take it and Python's library can be read under it; else None.

    A Python installed below root's home folder cannot: then its programs keep root's uid, without any capability.
    """
    if uid is None or os.geteuid() != 0:
        return None
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            for path in (os.__file__, json.__file__, *([f"{numpy_folder}/numpy/__init__.py"] if numpy_folder else [])):
                Path(path).read_bytes()
            os._exit(0)
        except OSError:
            os._exit(1)
    return uid if os.waitpid(pid, 0)[1] == 0 else None


def _numpy_folder(option: str | None) -> str | None:
    folders = [sysconfig.get_path("platlib"), sysconfig.get_path("purelib")] if option == "auto" else [option]
    return next((folder for folder in folders if folder and Path(folder, "numpy").is_dir()), None)


def _numpy_version(folder: str | None) -> str | None:
    """From the name of the metadata folder: importing numpy would cost the zygote 0.2 s and 13 MB."""
    if folder is None:
        return None
    found = sorted(Path(folder).glob("numpy-*.dist-info"))
    return found[0].name.removeprefix("numpy-").removesuffix(".dist-info") if found else "unknown"


def _modules(namespace: dict[str, Any]) -> dict[Mode, ModuleType]:
    """Prepare the interpreter, and a module per mode with the names a program starts with."""
    prelude.settle_interpreter()
    for descriptor in (0, 1, 2):
        os.dup2(os.memfd_create("empty", os.MFD_CLOEXEC), descriptor)
    program.rehearse(prelude.module(program.MAIN, namespace))
    program.open_streams()
    script, call = prelude.module(program.MAIN, namespace), prelude.module(program.SOLUTION, namespace)
    sys.modules[program.MAIN] = script  # already here: else what it replaces is taken apart in each process
    return {Mode.SCRIPT: script, Mode.CALL: call}


def _listen(path: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o117)
    try:
        Path(path + REFUSAL).unlink(missing_ok=True)
        Path(path).unlink(missing_ok=True)  # the folder may outlive a restarted sandbox, and its stale socket with it
        listener.bind(path)
    except OSError as error:
        raise OSError(f"cannot listen on {path}: {error}") from None
    os.umask(before)
    listener.listen(64)
    return listener


def _control(options: argparse.Namespace) -> socket.socket | None:
    """The socket that brings connections, where there is one. Raises OSError."""
    if options.control is not None:
        return socket.socket(fileno=options.control)
    if options.stdio:
        return relay.split()
    if options.connect is None:
        return None
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        control.connect(options.connect)
    except OSError as error:
        control.close()
        raise OSError(f"cannot connect to {options.connect}: {error}") from None
    return control


def _leave_word(path: str, reason: str) -> None:
    with contextlib.suppress(OSError):
        Path(path).unlink(missing_ok=True)
        Path(path + REFUSAL).write_text(reason[:4000])


def _refuse(control: socket.socket | None, reason: str) -> int:
    if control is not None:
        control.send(json.dumps({"refused": reason[:4000]}).encode())
    sys.stderr.write(f"agent: {reason}\n")
    return REFUSED


def run() -> NoReturn:
    """Entry point of the process."""
    sys.exit(main())


if __name__ == "__main__":
    run()
