# /// attack
# kind = "escape"
# aim = "loosen one's own jail: another filter, a listener on it, other rules, strict mode"
# outcome = "exited"
# ///
import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
seccomp = {"x86_64": 317, "aarch64": 277}[os.uname().machine]
allow = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0x7FFF0000))
program = struct.pack("H6xQ", 1, ctypes.addressof(allow))
for operation in (1, 3):
    for flags in (0, 1, 4, 8, 16, 32):  # none, TSYNC, SPEC_ALLOW, NEW_LISTENER, TSYNC_ESRCH, WAIT_KILLABLE
        if libc.syscall(seccomp, operation, flags, program) >= 0:
            print("managed seccomp", operation, flags)
if libc.prctl(22, 2, program, 0, 0) == 0:
    print("managed a filter by prctl")
attributes = struct.pack("QQQ", 0x1FFF, 3, 3)
if libc.syscall(444, attributes, len(attributes), 0) >= 0 or libc.syscall(446, 3, 0) == 0:
    print("managed rules")
try:
    libc.socket.restype = ctypes.c_int
    if libc.socket(2, 1, 0) >= 0:
        print("managed a socket after all")
except OSError:
    pass
print("contained")
