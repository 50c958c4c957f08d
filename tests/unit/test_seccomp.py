"""The system call filter of both architectures, evaluated by a small interpreter of classic BPF; no kernel is asked."""

from __future__ import annotations

import errno
import os
import re
import signal
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcb_ray.agent import seccomp
from lcb_ray.agent.syscalls import AARCH64, ALLOWED, CHECKED, FIRST_NEW_CALL, OWN, X86_64, Architecture

ME, OTHER = seccomp._PID_MARK, 4242  # the unpatched filter has the mark where the pid will be
ALLOW, KILL = "allow", "kill"
X32_BIT = 0x40000000

CLONE_VM_AND_THREAD = 0x3D0F00  # what glibc passes for a thread
CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWPID, CLONE_NEWNS, CLONE_THREAD = 0x10000000, 1 << 30, 1 << 29, 1 << 17, 1 << 16
F_SETPIPE_SZ, F_GETPIPE_SZ, F_DUPFD_CLOEXEC, F_ADD_SEALS, F_NOTIFY, F_SETLEASE = 1031, 1032, 1030, 1033, 1026, 1024
SOCK_CLOEXEC, SOCK_NONBLOCK = 0o2000000, 0o4000


def meaning(value):
    """A filter's answer: ALLOW, KILL, or an errno."""
    if value & 0xFFFF0000 == 0x00050000:
        return value & 0xFFFF
    return {0x7FFF0000: ALLOW, 0x80000000: KILL}[value]


def run_filter(code, arch, number, args=(), *, audit=None):
    """Run a filter on one system call, as the kernel does (Linux: Documentation/networking/filter.rst)."""
    words = [*args, 0, 0, 0, 0, 0, 0][:6]
    audit = arch.audit if audit is None else audit
    data = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, audit, 0x7F0000001000, *(word & 2**64 - 1 for word in words))
    program = [struct.unpack_from("=HBBI", code, at) for at in range(0, len(code), 8)]
    accumulator, at = 0, 0
    while True:
        operation, if_true, if_false, value = program[at]
        at += 1
        if operation == 0x20:  # load a word of the data; the verifier refuses what is unaligned or outside
            assert value % 4 == 0
            accumulator = struct.unpack_from("=I", data, value)[0]
        elif operation == 0x54:
            accumulator &= value
        elif operation == 0x15:
            at += if_true if accumulator == value else if_false
        elif operation == 0x35:
            at += if_true if accumulator >= value else if_false
        elif operation == 0x06:
            return meaning(value)
        else:
            raise AssertionError(f"unknown instruction {operation:#x}")


FIRST = {
    (arch.name, read_only): seccomp.build(arch, read_only_open=read_only)
    for arch in (X86_64, AARCH64)
    for read_only in (False, True)
}
LAST = {arch.name: seccomp.build_last(arch) for arch in (X86_64, AARCH64)}
FILTERS = {which: (code, LAST[which[0]]) for which, code in FIRST.items()}  # what a test process is under
STRICTNESS = {KILL: 2, ALLOW: 0}  # an errno: 1


def evaluate(filters, *call, **options):
    """What the kernel does of what several filters say: the strictest, and of several errnos the last loaded one's."""
    answers = [run_filter(code, *call, **options) for code in reversed(filters)]
    return max(answers, key=lambda answer: STRICTNESS.get(answer, 1))


@pytest.fixture(params=[X86_64, AARCH64], ids=lambda arch: arch.name)
def arch(request) -> Architecture:
    return request.param


@pytest.fixture(params=[False, True], ids=["landlock", "read_only_open"])
def call(arch, request):
    """Ask the filters about a system call by name or number."""
    code = FILTERS[arch.name, request.param]

    def call(name, *args, **options):
        number = arch.number(name) if isinstance(name, str) else name
        return evaluate(code, arch, number, args, **options)

    return call


ARGUMENTS = [
    ("clone", (CLONE_VM_AND_THREAD,), ALLOW),
    ("clone", (CLONE_THREAD,), ALLOW),
    ("clone", (CLONE_VM_AND_THREAD & ~CLONE_THREAD,), errno.EPERM),
    ("clone", (signal.SIGCHLD,), errno.EPERM),  # fork
    ("clone", (0x4100 | signal.SIGCHLD,), errno.EPERM),  # vfork: CLONE_VM, CLONE_VFORK
    ("clone", (CLONE_THREAD | CLONE_NEWUSER,), errno.EPERM),
    ("clone", (CLONE_THREAD | CLONE_NEWNET,), errno.EPERM),
    ("clone", (CLONE_THREAD | CLONE_NEWPID,), errno.EPERM),
    ("clone", (CLONE_THREAD | CLONE_NEWNS,), errno.EPERM),
    ("clone", (0,), errno.EPERM),
    ("clone", (CLONE_THREAD << 32,), errno.EPERM),  # the kernel looks at the lower half
    *[
        row
        for name in ("kill", "tgkill")
        for row in [
            (name, (ME, signal.SIGABRT), ALLOW),
            (name, (OTHER, 0), errno.EPERM),
            (name, (OTHER, signal.SIGKILL), errno.EPERM),
            (name, (0, signal.SIGTERM), errno.EPERM),  # one's group
            (name, (-1, signal.SIGKILL), errno.EPERM),
            (name, (-ME, signal.SIGKILL), errno.EPERM),
            (name, (1, signal.SIGTERM), errno.EPERM),
        ]
    ],
    ("prlimit64", (0, 7), ALLOW),
    ("prlimit64", (ME, 7), ALLOW),
    ("prlimit64", (OTHER, 7), errno.EPERM),
    ("prlimit64", (1, 7), errno.EPERM),
    *[("fcntl", (0, command), ALLOW) for command in range(8)],
    *[("fcntl", (0, command), errno.EPERM) for command in range(8, 36)],  # F_SETOWN 8, F_SETSIG 10, F_SETOWN_EX 15
    *[("fcntl", (0, command), ALLOW) for command in (36, 37, 38, F_DUPFD_CLOEXEC, F_GETPIPE_SZ)],
    *[("fcntl", (0, cmd), errno.EPERM) for cmd in (39, F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ, F_ADD_SEALS, 2**32 - 1)],
    *[("ioctl", (0, request), ALLOW) for request in (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)],
    *[("ioctl", (0, request), errno.ENOTTY) for request in (0x8901, 0x8902, 0x5452, 0x5412, 0x8913, 0)],  # FIOSETOWN …
    ("socketpair", (1, 1, 0), ALLOW),
    ("socketpair", (1, 1 | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), ALLOW),
    ("socketpair", (1, 2, 0), errno.EPERM),
    ("socketpair", (1, 2 | SOCK_CLOEXEC, 0), errno.EPERM),
    ("socketpair", (1, 5, 0), errno.EPERM),
    ("socketpair", (1, 3, 0), errno.EPERM),
    ("socketpair", (2, 1, 0), errno.EPERM),
    ("socketpair", (30, 1, 0), errno.EPERM),  # AF_TIPC
    ("sendto", (5, 4096, 3, 0, 0, 0), ALLOW),
    ("sendto", (5, 4096, 3, 0, 0x7FFF00001000, 16), errno.EPERM),
    ("sendto", (5, 4096, 3, 0, 0x100000000, 16), errno.EPERM),  # an address whose lower half is 0
    ("sendto", (5, 4096, 3, 0, 0x1000, 16), errno.EPERM),
    *[("prctl", (option, 4096), ALLOW) for option in (3, 15, 16, 39, 0x53564D41)],
    # PDEATHSIG, DUMPABLE, KEEPCAPS, SECCOMP, CAPBSET, NNP, SUBREAPER, PTRACER, CAP_AMBIENT, MM, SPECULATION
    *[("prctl", (o, 0), errno.EPERM) for o in (1, 4, 8, 22, 24, 38, 36, 0x59616D61, 47, 35, 53, 0)],
]
OPENING = [
    (os.O_RDONLY, ALLOW, ALLOW),
    (os.O_RDONLY | os.O_CLOEXEC, ALLOW, ALLOW),
    (os.O_WRONLY, ALLOW, errno.EACCES),
    (os.O_RDWR, ALLOW, errno.EACCES),
    (os.O_WRONLY | os.O_CREAT | os.O_TRUNC, ALLOW, errno.EACCES),
    (os.O_WRONLY | os.O_TRUNC, ALLOW, errno.EACCES),
    (os.O_RDONLY | os.O_CREAT, ALLOW, errno.EACCES),
    (os.O_RDWR | os.O_TMPFILE, ALLOW, errno.EACCES),
    (os.O_RDONLY | os.O_TRUNC, errno.EACCES, errno.EACCES),  # Landlock before ABI 3 would let it pass
    (os.O_RDONLY | os.O_TRUNC | os.O_CREAT, errno.EACCES, errno.EACCES),
]


@pytest.mark.parametrize("name", sorted({name for name, _, _ in ARGUMENTS}))
def test_calls_whose_arguments_matter(call, name):
    rows = [(args, expected) for row, args, expected in ARGUMENTS if row == name]
    assert [(args, call(name, *args)) for args, _ in rows] == rows


def test_every_call_with_a_check_is_tested_here():
    assert {name for name, _, _ in ARGUMENTS} | {"open", "openat"} == set(CHECKED)


def test_opening_files(arch):
    for column, read_only in ((1, False), (2, True)):
        code = FILTERS[arch.name, read_only]
        expected = [(row[0], row[column]) for row in OPENING]
        number = arch.need("openat")
        assert [(flags, evaluate(code, arch, number, (-100, 4096, flags, 0o666))) for flags, _ in expected] == expected
        if (old := arch.number("open")) is not None:
            assert [(flags, evaluate(code, arch, old, (4096, flags, 0o666))) for flags, _ in expected] == expected


NEVER = {  # x86_64, aarch64
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept4": (288, 242),
    "sendmmsg": (307, 269),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "fallocate": (285, 47),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "mkdirat": (258, 34),
    "renameat": (264, 38),
    "linkat": (265, 37),
    "symlinkat": (266, 36),
    "mknodat": (259, 33),
    "fchmodat": (268, 53),
    "fchmod": (91, 52),
    "fchownat": (260, 54),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "truncate": (76, 45),
    "setsid": (112, 157),
    "setpgid": (109, 154),
    "setuid": (105, 146),
    "capset": (126, 91),
    "personality": (135, 92),
    "seccomp": (317, 277),
    "kcmp": (312, 272),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262),
    "swapon": (167, 224),
    "reboot": (169, 142),
    "quotactl": (179, 60),
    "timer_create": (222, 107),
    "io_setup": (206, 0),
}


def test_calls_that_are_never_to_be_had(arch, call):
    numbers = {name: pair[arch.column] for name, pair in NEVER.items() if pair[arch.column] is not None}
    answers = {name: call(number) for name, number in numbers.items()}
    assert answers == dict.fromkeys(numbers, errno.EPERM)


def test_new_calls_are_said_not_to_exist(call):
    """clone3, openat2, io_uring, pidfd, Landlock: a C library that is told ENOSYS falls back on the older call."""
    allowed = {ALLOWED["close_range"][0], ALLOWED["faccessat2"][0]}
    new = [number for number in range(FIRST_NEW_CALL, 600) if number not in allowed]
    assert {number: call(number) for number in new} == dict.fromkeys(new, errno.ENOSYS)
    assert 435 in new  # clone3


def test_the_two_new_calls_that_are_allowed(call):
    assert call("close_range", 3, 10, 0) == ALLOW
    assert call("faccessat2") == ALLOW


def test_every_allowed_call_is_allowed_whatever_its_arguments(arch, call):
    names = [name for name in ALLOWED if arch.number(name) is not None]
    assert {name: call(name) for name in names} == dict.fromkeys(names, ALLOW)
    assert {name: call(name, *[2**64 - 1] * 6) for name in names} == dict.fromkeys(names, ALLOW)


def test_another_architecture_is_killed(call):
    """0x40000003 is i386, reached by int 0x80 from a 64-bit program: its numbers mean other calls."""
    for other in (0x40000003, 0x4000003E, 0x40000028, 0, 0xFFFFFFFF):
        assert {call(number, audit=other) for number in (0, 1, 20, 60, 500)} == {KILL}


def test_x32_numbers_are_killed():
    for number in (X32_BIT, X32_BIT | 1, X32_BIT | 59, X32_BIT | 520, 2**31, 2**32 - 1):
        for read_only in (False, True):
            assert evaluate(FILTERS["x86_64", read_only], X86_64, number) == KILL


def test_the_other_architecture_s_numbers_are_no_way_in(arch):
    """Each filter goes by its own table only."""
    other = AARCH64 if arch is X86_64 else X86_64
    assert evaluate(FILTERS[arch.name, False], arch, arch.need("read"), audit=other.audit) == KILL


@given(
    number=st.integers(0, 600) | st.integers(0, 2**32 - 1),
    args=st.lists(st.integers(0, 600) | st.integers(0, 2**64 - 1), min_size=6, max_size=6),
    which=st.sampled_from(sorted(FILTERS)),
)
def test_whatever_is_called_gets_an_answer_and_only_listed_calls_are_allowed(number, args, which):
    arch = X86_64 if which[0] == "x86_64" else AARCH64
    answer = evaluate(FILTERS[which], arch, number, args)
    assert answer in (ALLOW, KILL, errno.EPERM, errno.EACCES, errno.ENOTTY, errno.ENOSYS)
    listed = {arch.number(name) for name in (*ALLOWED, *CHECKED)}
    assert answer != ALLOW or number in listed


@pytest.mark.parametrize("code", [*FIRST.values(), *LAST.values()], ids=[*map(str, FIRST), *LAST])
def test_a_filter_is_a_program_the_kernel_takes(code):
    assert len(code) % 8 == 0
    program = [struct.unpack_from("=HBBI", code, at) for at in range(0, len(code), 8)]
    assert len(program) <= 4096  # BPF_MAXINSNS
    assert program[-1][0] == 0x06
    for at, (operation, if_true, if_false, value) in enumerate(program):
        if operation in (0x15, 0x35):
            assert at + 1 + max(if_true, if_false) < len(program)
        elif operation == 0x20:
            assert 0 <= value <= 60


def test_each_arguments_check_ends_by_itself():
    """None may run on into the next call's check, whose number would then be compared with an argument."""
    for checks in (*map(checks_of_the_first, (False, True)), seccomp._checked_last()):
        for name, body in checks.items():
            reachable, returned = {0}, False
            for at, (operation, if_true, if_false, _) in enumerate(body):
                if at not in reachable:
                    continue
                if operation == 0x06:
                    returned = True
                elif operation in (0x15, 0x35):
                    reachable |= {at + 1 + if_true, at + 1 + if_false}
                else:
                    reachable.add(at + 1)
            assert returned, name
            assert max(reachable) < len(body), name


def checks_of_the_first(read_only):
    return seccomp._checked(read_only_open=read_only)


BEFORE_THE_LAST = [  # what a template needs beyond what a program may do
    ("clone", (seccomp.kernel.FORK_SIBLING,)),
    ("seccomp", (1, 0, 4096)),
    ("prctl", (seccomp.kernel.PR_SET_PDEATHSIG, signal.SIGKILL)),
    *[(name, (OTHER, 0)) for name in ("kill", "tgkill", "prlimit64")],
]


def test_what_only_the_last_filter_refuses(arch):
    for (name, _), code in FIRST.items():
        if name == arch.name:
            answers = [(call, run_filter(code, arch, arch.need(call), args)) for call, args in BEFORE_THE_LAST]
            assert answers == [(call, ALLOW) for call, _ in BEFORE_THE_LAST]
            both = [evaluate((code, LAST[name]), arch, arch.need(call), args) for call, args in BEFORE_THE_LAST]
            assert both == [errno.EPERM] * len(BEFORE_THE_LAST)


@given(
    number=st.integers(0, 600) | st.sampled_from([X86_64.need(name) for name in CHECKED]),
    args=st.lists(st.integers(0, 64) | st.integers(0, 2**64 - 1), min_size=6, max_size=6),
)
def test_the_first_filter_refuses_all_but_these_by_itself(number, args):
    """A template is hardly freer than a test process."""
    for code in (FIRST["x86_64", False], FIRST["x86_64", True]):
        alone, both = run_filter(code, X86_64, number, args), evaluate((code, LAST["x86_64"]), X86_64, number, args)
        names = {name for name, _ in BEFORE_THE_LAST}
        assert alone == both or number in {X86_64.need(name) for name in names}


def test_each_allowed_number_is_found_by_a_short_way(arch):
    """The kernel tries a new filter on every number; a list of 130 would be gone through each time."""
    for (name, _), code in FIRST.items():
        if name == arch.name:
            program = [struct.unpack_from("=HBBI", code, at) for at in range(0, len(code), 8)]
            assert max(steps(program, arch, number) for number in (*arch.allowed(), 0, 600, 2**30 - 1)) < 20


def steps(program, arch, number):
    """How many instructions a number takes that is allowed, or not known."""
    at, taken, accumulator = 0, 0, 0
    while True:
        operation, if_true, if_false, value = program[at]
        at, taken = at + 1, taken + 1
        if operation == 0x06:
            return taken
        if operation == 0x20:
            accumulator = {0: number, 4: arch.audit}[value]
        else:
            held = accumulator == value if operation == 0x15 else accumulator >= value
            at += if_true if held else if_false


def test_loading_puts_the_process_id_in_every_place_of_the_mark(monkeypatch):
    loaded = []
    monkeypatch.setattr(seccomp.kernel, "bound", lambda *args: lambda: loaded.append(args))
    made = seccomp.Filter(X86_64, read_only_open=False)
    made.last()()
    code = made._last.code.raw
    assert struct.pack("=I", ME) not in [code[at + 4 : at + 8] for at in range(0, len(code), 8)]
    assert run_filter(code, X86_64, X86_64.need("kill"), (os.getpid(), 9)) == ALLOW
    assert run_filter(code, X86_64, X86_64.need("tgkill"), (os.getpid(), 9, 6)) == ALLOW
    assert run_filter(code, X86_64, X86_64.need("prlimit64"), (os.getpid(), 7)) == ALLOW
    assert run_filter(code, X86_64, X86_64.need("kill"), (os.getppid(), 9)) == errno.EPERM
    assert [args[:3] for args in loaded] == [("seccomp", 1, 0)]


def _header(path, prefix="__NR_"):
    """Numbers by name from a C header of plain defines."""
    return {name: int(number) for name, number in re.findall(rf"#define {prefix}(\w+)\s+(\d+)\b", path.read_text())}


def _numbers(arch):
    return {
        name: pair[arch.column]
        for table in (ALLOWED, CHECKED, OWN)
        for name, pair in table.items()
        if pair[arch.column] is not None
    }


HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
    "aarch64": ("/usr/include/asm-generic/unistd.h",),
}


def test_numbers_are_the_kernel_s(arch):
    header = next((Path(name) for name in HEADERS[arch.name] if Path(name).exists()), None)
    if header is None:
        pytest.skip(f"no kernel headers for {arch.name} here")
    known = _header(header)
    if arch is AARCH64:  # the generic table names some calls by a word of the C preprocessor
        known = {**_header(header, "__NR3264_"), **known}
        known = {{"fstatat": "newfstatat"}.get(name, name): number for name, number in known.items()}
    ours = _numbers(arch) | {name: pair[arch.column] for name, pair in NEVER.items() if pair[arch.column] is not None}
    newer = {name: number for name, number in ours.items() if name not in known}
    assert not newer, "not in this machine's headers"
    assert ours == {name: known[name] for name in ours}


def test_no_call_is_in_two_tables_but_close_range():
    assert not ALLOWED.keys() & CHECKED.keys()
    assert not CHECKED.keys() & OWN.keys()
    assert ALLOWED.keys() & OWN.keys() == {"close_range"}
    for arch in (X86_64, AARCH64):
        numbers = [pair[arch.column] for table in (ALLOWED, CHECKED) for pair in table.values()]
        present = [number for number in numbers if number is not None]
        assert len(present) == len(set(present))
