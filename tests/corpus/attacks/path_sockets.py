# /// attack
# kind = "escape"
# aim = "connect or send to sockets on the file system, or make one there"
# outcome = "exited"
# ///
import json
import os
import socket

given = json.loads(input())
socket.setdefaulttimeout(0.01)
places = [given["path"], given["path_datagram"], "/var/run/docker.sock", "/run/containerd/containerd.sock"]
places += ["/run/systemd/notify", "/dev/log", "/run/dbus/system_bus_socket", "/tmp/ray/session_latest/sockets/raylet"]
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    try:
        made = socket.socket(socket.AF_UNIX, kind)
        print("managed a socket")
    except OSError:
        try:
            made, _ = socket.socketpair(socket.AF_UNIX, kind)
        except OSError:
            continue
    for place in places:
        for deed in (made.connect, lambda address: made.sendto(b"x", address)):
            try:
                deed(place)
                print("managed", deed, place)
            except OSError:
                pass
    try:
        made.bind(f"{given['folder']}/{given['token']}")
        print("managed to bind")
    except OSError:
        pass
for place in places[:2]:
    try:
        os.open(place, os.O_RDWR)
        print("managed to open", place)
    except OSError:
        pass
print("contained")
