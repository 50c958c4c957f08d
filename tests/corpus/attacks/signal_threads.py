# /// attack
# kind = "escape"
# aim = "signal single threads of others: tkill and tgkill"
# outcome = "exited"
# ///
import ctypes
import json
import os
import signal

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
tkill, tgkill = {"x86_64": (200, 234), "aarch64": (130, 131)}[os.uname().machine]
for pid in (os.getppid(), given["agent"], given["victim"], given["neighbour"]):
    for number in (0, signal.SIGSTOP, signal.SIGKILL):
        if libc.syscall(tkill, pid, number) == 0:
            print("managed tkill", pid, number)
        if libc.syscall(tgkill, pid, pid, number) == 0:
            print("managed tgkill", pid, number)
        if libc.syscall(tgkill, -1, pid, number) == 0:
            print("managed tgkill of any group", pid, number)
        if libc.syscall(tgkill, os.getpid(), pid, number) == 0:
            print("managed tgkill as its own thread", pid, number)
print("contained")
