# /// attack
# kind = "escape"
# aim = "read, add or ask for keys that the kernel keeps for the user"
# outcome = "exited"
# ///
import ctypes
import errno
import json
import os

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
add, request, keyctl = {"x86_64": (248, 249, 250), "aarch64": (217, 218, 219)}[os.uname().machine]
name = given["token"].encode()
for ring in range(-8, 0):  # every special keyring
    for kind in (b"user", b"logon", b"keyring", b"big_key"):
        if libc.syscall(add, kind, name, b"x", 1, ring) >= 0:
            print("managed to add a key", kind, ring)
        if libc.syscall(request, kind, name, None, ring) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
            print("managed to ask for a key", kind)
for command in range(0, 33):
    if libc.syscall(keyctl, command, -3, 0, 0, 0) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        print("managed keyctl", command)
print("contained")
