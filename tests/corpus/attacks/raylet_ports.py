# /// attack
# kind = "escape"
# aim = "talk to what listens on the loopback beside the sandbox: a raylet, a dashboard, a metadata service"
# outcome = "exited"
# ///
import asyncio
import http.client
import json
import socket
import xmlrpc.client

given = json.loads(input())
socket.setdefaulttimeout(0.01)
port = given["raylet"]
for host in ("127.0.0.1", "0.0.0.0", "localhost", "127.1", "::ffff:127.0.0.1", "::1", socket.gethostname()):
    try:
        socket.create_connection((host, port), timeout=0.01)
        print("managed to connect to", host)
    except OSError:
        pass
for number in (6379, 8265, 8076, 10001, 44217, 80, 443, 2375, 10250, 53):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            socket.socket(socket.AF_INET, kind).connect(("127.0.0.1", number))
            print("managed to reach for port", number)
        except OSError:
            pass
try:
    http.client.HTTPConnection("169.254.169.254", timeout=0.01).request("GET", "/")
    print("managed to ask the metadata service")
except OSError:
    pass
try:
    xmlrpc.client.ServerProxy(f"http://127.0.0.1:{port}").anything()
    print("managed a call")
except (OSError, xmlrpc.client.Error):
    pass


async def reach():
    try:
        await asyncio.open_connection("127.0.0.1", port)
        print("managed a stream")
    except OSError:
        pass


asyncio.run(reach())
print("contained")
