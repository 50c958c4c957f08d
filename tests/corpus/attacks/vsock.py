# /// attack
# kind = "escape"
# aim = "reach the hypervisor, the host or other virtual machines"
# outcome = "exited"
# ///
import socket

for family in (40, 32, 43, 29, 31, 38, 44):  # VSOCK, NFC, SMC, CAN, BLUETOOTH, ALG, XDP
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET, socket.SOCK_RAW):
        try:
            made = socket.socket(family, kind | socket.SOCK_NONBLOCK)
        except OSError:
            continue
        print("managed a socket", family, kind)
        for cid in (0, 1, 2, 3, 0xFFFFFFFF):
            try:
                made.connect((cid, 1024))
                print("managed to connect to", cid)
            except (OSError, TypeError):
                pass
print("contained")
