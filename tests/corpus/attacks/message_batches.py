# /// attack
# kind = "escape"
# aim = "send by calls that carry an address inside a message, or many: sendmmsg, sendmsg"
# outcome = "exited"
# ///
import ctypes
import json
import os
import socket
import struct

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
sendmmsg, recvmmsg = {"x86_64": (307, 299), "aarch64": (269, 243)}[os.uname().machine]
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    try:
        ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
    except OSError:
        continue
    for name in ("\0" + given["abstract_datagram"], given["path_datagram"], given["path"]):
        address = ctypes.create_string_buffer(struct.pack("H", 1) + name.encode())
        data = ctypes.create_string_buffer(b"x")
        vector = (ctypes.c_ulong * 2)(ctypes.addressof(data), 1)
        length = len(struct.pack("H", 1) + name.encode())
        message = struct.pack("QI4xQQQQi4x", ctypes.addressof(address), length, ctypes.addressof(vector), 1, 0, 0, 0)
        many = ctypes.create_string_buffer(message.ljust(56, b"\0") + bytes(8))
        if libc.syscall(sendmmsg, ours.fileno(), many, 1, 0) >= 0:
            print("managed sendmmsg to", name)
        # A connected stream refuses an address, or ignores it: then the other end has it.
        if libc.sendmsg(ours.fileno(), many, 0) >= 0 and kind != socket.SOCK_STREAM:
            print("managed sendmsg to", name)
print("contained")
