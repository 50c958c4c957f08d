# /// attack
# kind = "escape"
# aim = "be a client of the agent: connect to its socket, or find the one it was started with"
# outcome = "exited"
# ///
import ctypes
import json
import os
import socket

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
paths = [given["agent_socket"]] if given["agent_socket"] else []
paths += ["agent.sock", "/run/agent.sock", "/tmp/agent.sock", "/sandbox/agent.sock", "/run/sandbox/agent.sock"]
for path in paths:
    for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM):
        try:
            made = socket.socket(socket.AF_UNIX, kind)
        except OSError:
            continue
        print("managed a socket")
        try:
            made.connect(path)
            print("managed to connect to", path)
        except OSError:
            pass
    try:
        os.unlink(path)
        print("managed to remove", path)
    except OSError:
        pass
for number in range(3, 256):
    try:
        socket.socket(fileno=number).send(b"c")
        print("managed to write to a socket at", number)
    except OSError:
        pass
for pid in (given["agent"], os.getppid()):
    for number in range(3, 32):
        for call in (438,):  # pidfd_getfd
            if libc.syscall(call, pid, number, 0) >= 0:
                print("managed to take a descriptor of", pid)
print("contained")
