# /// attack
# kind = "escape"
# aim = "connect or send to sockets with a name that is on no file system"
# outcome = "exited"
# ///
import json
import socket

given = json.loads(input())
socket.setdefaulttimeout(0.01)
for name in (given["abstract"], given["abstract_datagram"], given["token"]):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        try:
            made = socket.socket(socket.AF_UNIX, kind)
        except OSError:
            try:
                made, _ = socket.socketpair(socket.AF_UNIX, kind)
            except OSError:
                continue
        for deed in (made.connect, lambda address: made.sendto(b"x", address), made.bind):
            try:
                deed("\0" + name)
                print("managed", deed, name)
            except OSError:
                pass
print("contained")
