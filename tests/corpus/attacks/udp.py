# /// attack
# kind = "escape"
# aim = "send datagrams without a connection"
# outcome = "exited"
# ///
import json
import socket

given = json.loads(input())
for family, address in (
    (socket.AF_INET, ("127.0.0.1", given["udp"])),
    (socket.AF_INET, ("255.255.255.255", 9)),
    (socket.AF_INET, ("224.0.0.1", 9)),
    (socket.AF_INET6, ("::1", given["udp"])),
):
    for kind, protocol in (
        (socket.SOCK_DGRAM, 0),
        (socket.SOCK_DGRAM, 136),
        (socket.SOCK_DGRAM, 1),
        (socket.SOCK_RAW, 17),
    ):
        try:
            made = socket.socket(family, kind, protocol)
        except OSError:
            continue
        print("managed a socket", family, kind, protocol)
        for send in (lambda: made.sendto(b"x", address), lambda: made.sendmsg([b"x"], [], 0, address)):
            try:
                send()
                print("managed to send to", address)
            except OSError:
                pass
print("contained")
