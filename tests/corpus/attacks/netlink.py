# /// attack
# kind = "escape"
# aim = "ask or configure the kernel by netlink: interfaces, processes, audit, sockets of others"
# outcome = "exited"
# ///
import socket
import struct

for protocol in range(0, 23):
    for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM):
        try:
            made = socket.socket(16, kind | socket.SOCK_NONBLOCK, protocol)
        except OSError:
            continue
        print("managed a netlink socket", protocol)
        try:
            made.bind((0, 0))
            made.send(struct.pack("IHHIIB3x", 20, 18, 0x301, 1, 0, 0))  # list the interfaces
            print("managed to read", len(made.recv(65536)))
        except OSError:
            pass
print("contained")
