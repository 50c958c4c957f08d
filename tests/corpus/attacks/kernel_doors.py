# /// attack
# kind = "escape"
# aim = "namespaces, mounts, keys, bpf, io_uring, new filters: the ways into the kernel"
# outcome = "exited"
# ///
import ctypes
import errno
import os

libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(4096)
nowhere = b"/no/such/place"
REFUSED = (errno.EPERM, errno.EACCES, errno.ENOSYS)  # any other error means that the kernel looked at the arguments


def attempt(what, result):
    if result >= 0 or ctypes.get_errno() not in REFUSED:
        print("managed", what, ctypes.get_errno())


for name, arguments in (
    ("unshare", (0x10000000,)),
    ("unshare", (0x40000000,)),
    ("unshare", (0x00020000,)),
    ("setns", (0, 0)),
    ("mount", (nowhere, nowhere, b"tmpfs", 0, None)),
    ("umount2", (nowhere, 2)),
    ("chroot", (nowhere,)),
    ("pivot_root", (nowhere, nowhere)),
    ("swapon", (nowhere, 0)),
    ("swapoff", (nowhere,)),
    ("acct", (nowhere,)),
    ("personality", (0x0040000,)),
    ("setuid", (os.getuid(),)),
    ("setgid", (os.getgid(),)),
    ("setgroups", (0, None)),
    ("fanotify_init", (0, 0)),
):
    function = getattr(libc, name, None)
    if function is not None:
        attempt(name, function(*arguments))
CALLS = {  # x86_64, aarch64
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "io_uring_setup": (425, 425),
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "pidfd_open": (434, 434),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "name_to_handle_at": (303, 264),
    "capset": (126, 91),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
}
column = {"x86_64": 0, "aarch64": 1}[os.uname().machine]
for name, numbers in CALLS.items():
    attempt(name, libc.syscall(numbers[column], 1, buffer, 0, 0, 0, 0))
for option in (
    1,
    4,
    8,
    22,
    24,
    36,
    47,
    0x59616D61,
):  # PDEATHSIG DUMPABLE KEEPCAPS SECCOMP CAPBSET SUBREAPER AMBIENT PTRACER
    attempt(f"prctl {option}", libc.prctl(option, 0, 0, 0, 0))
print("contained")
