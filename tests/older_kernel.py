"""A kernel that lacks some system calls: a filter that answers ENOSYS to them, kept by whatever is started under it.

    python older_kernel.py pidfd_open,close_range COMMAND…

Only the standard library is used, and no file: its text may be given to any Python.
"""

import ctypes
import os
import struct
import sys

# The same numbers on both architectures.
CALLS = {
    "pidfd_send_signal": 424,
    "pidfd_open": 434,
    "clone3": 435,
    "close_range": 436,
    "pidfd_getfd": 438,
    "landlock_create_ruleset": 444,
}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE_PARENT, _FIRST_ARGUMENT = 0x8000, 16
_NO_SYSTEM_CALL = 0x00050000 | 38
_ALLOW = 0x7FFF0000


def take_away(names):
    """From this process and all that it starts."""
    rules = [(0x20, 0, 0, 0)]
    for name in names:
        rules += [(0x15, 0, 1, CALLS[name]), (0x06, 0, 0, _NO_SYSTEM_CALL)]
    rules += [  # and no process forks another for its parent
        (0x15, 0, 3, _CLONE[os.uname().machine]),
        (0x20, 0, 0, _FIRST_ARGUMENT),
        (0x45, 0, 1, _CLONE_PARENT),
        (0x06, 0, 0, _NO_SYSTEM_CALL),
        (0x06, 0, 0, _ALLOW),
    ]
    code = b"".join(struct.pack("=HBBI", *rule) for rule in rules)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("=H6xQ", len(rules), ctypes.addressof(buffer))
    program = ctypes.create_string_buffer(header, len(header))
    call = ctypes.c_long(_SECCOMP[os.uname().machine])
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.syscall(call, ctypes.c_long(1), ctypes.c_long(0), ctypes.byref(program)):
        raise OSError(ctypes.get_errno(), "no filter could be loaded")


if __name__ == "__main__":
    take_away(sys.argv[1].split(","))
    os.execv(sys.argv[2], sys.argv[2:])
