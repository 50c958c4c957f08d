# /// attack
# kind = "escape"
# aim = "read or change the memory or the files of the warden, the agent, a neighbour, a stranger"
# outcome = "exited"
# ///
import ctypes
import json
import os

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(64)
local = (ctypes.c_ulong * 2)(ctypes.addressof(buffer), 64)
remote = (ctypes.c_ulong * 2)(id(os), 64)
for pid in (os.getppid(), given["agent"], given["victim"], given["neighbour"], 1):
    for request in (0x4206, 16, 0):  # SEIZE, ATTACH, TRACEME
        if libc.ptrace(request, pid, 0, 0) >= 0:
            print("managed to trace", pid, request)
    for call in (libc.process_vm_readv, libc.process_vm_writev):
        if call(pid, local, 1, remote, 1, 0) > 0:
            print("managed to reach the memory of", pid)
    for name in (
        "mem",
        "environ",
        "maps",
        "fd/0",
        "fd/3",
        "root/etc/passwd",
        "cwd",
        "exe",
        "task/x/mem",
        "auxv",
        "syscall",
    ):
        for flags in (os.O_NONBLOCK, os.O_RDWR | os.O_NONBLOCK):  # a pipe of another may be empty
            try:
                os.read(os.open(f"/proc/{pid}/{name}", flags), 1)
                print("managed to read", pid, name)
            except OSError:
                pass
    try:
        pidfd = os.pidfd_open(pid)
        print("managed a pidfd", pid)
        for number in range(5):
            if libc.syscall(438, pidfd, number, 0) >= 0:  # pidfd_getfd
                print("managed a descriptor of", pid)
    except OSError:
        pass
    if libc.syscall(312, os.getpid(), pid, 0, 0, 0) >= 0:  # kcmp
        print("managed to compare with", pid)
print("contained")
