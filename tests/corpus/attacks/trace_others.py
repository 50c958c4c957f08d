# /// attack
# kind = "escape"
# aim = "trace others, or be traced by them: every ptrace request that starts it"
# outcome = "exited"
# ///
import ctypes
import json
import os

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.restype = ctypes.c_long
ATTACH, SEIZE, TRACEME, INTERRUPT, KILL, PEEKDATA, POKEDATA = 16, 0x4206, 0, 0x4207, 8, 2, 5
for pid in (os.getppid(), given["agent"], given["victim"], given["neighbour"]):
    for request in (SEIZE, ATTACH, INTERRUPT, KILL, POKEDATA):
        if libc.ptrace(request, pid, ctypes.c_void_p(id(os)), None) == 0:
            print("managed ptrace", request, pid)
    ctypes.set_errno(0)
    libc.ptrace(PEEKDATA, pid, ctypes.c_void_p(id(os)), None)
    if not ctypes.get_errno():
        print("managed to peek", pid)
if libc.ptrace(TRACEME, 0, None, None) == 0:
    print("managed to be traced")
if libc.prctl(0x59616D61, given["victim"], 0, 0, 0) == 0:
    print("managed to name a tracer")
print("contained")
