# /// attack
# kind = "escape"
# aim = "open files by handle or number, past the paths that the rules are about"
# outcome = "exited"
# ///
import ctypes
import errno
import json
import os
import struct

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
name_to, open_by = {"x86_64": (303, 304), "aarch64": (264, 265)}[os.uname().machine]
mount = ctypes.c_int()
for path in (given["secret"].encode(), os.__file__.encode(), b"/"):
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0).ljust(136, b"\0"))
    if libc.syscall(name_to, -100, path, handle, ctypes.byref(mount), 0) >= 0:
        print("managed a handle of", path)
    if libc.syscall(open_by, -100, handle, 0) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        print("managed to open a handle")
root = struct.pack("IiQ", 8, 1, 2)  # ext4's root directory, as a handle that needs no name
if libc.syscall(open_by, -100, root, 0) >= 0:
    print("managed to open the root")
how = struct.pack("QQQ", 0, 0, 0)
for path in (given["secret"].encode(), b"/etc/passwd"):
    if libc.syscall(437, -100, path, how, 24) >= 0:  # openat2
        print("managed openat2", path)
print("contained")
