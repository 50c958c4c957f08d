# /// attack
# kind = "escape"
# aim = "reach anything by a socket"
# outcome = "exited"
# ///
import json
import socket
import urllib.request

given = json.loads(input())
socket.setdefaulttimeout(0.001)  # where there is a way out, nobody answers
addresses = [
    ("127.0.0.1", given["tcp"]),
    ("::1", given["tcp"]),
    "\0" + given["abstract"],
    given["path"],
    (0, 0),
    (2, 1),
]
for family in range(0, 46):
    for kind in (1, 2, 3, 4, 5, 10):
        try:
            made = socket.socket(family, kind)
        except OSError:
            continue
        print("managed a socket", family, kind)
        for address in addresses:
            try:
                made.connect(address)
                made.send(b"x")
                print("managed to connect", address)
            except (OSError, TypeError):
                pass
for action in (
    lambda: socket.create_connection(("127.0.0.1", given["tcp"]), timeout=0.05),
    lambda: socket.create_server(("127.0.0.1", 0)),
    lambda: socket.getaddrinfo("example.com", 80),
    lambda: urllib.request.urlopen(f"http://127.0.0.1:{given['tcp']}/", timeout=0.05),
    lambda: socket.socket(fileno=3).connect("\0" + given["abstract"]),
    lambda: socket.if_nameindex(),
):
    try:
        action()
        print("managed", action)
    except OSError:
        pass
print("contained")
