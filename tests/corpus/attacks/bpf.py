# /// attack
# kind = "escape"
# aim = "load a program into the kernel: bpf, and filters on sockets of one's own"
# outcome = "exited"
# ///
import ctypes
import errno
import os
import socket
import struct

libc = ctypes.CDLL(None, use_errno=True)
bpf, perf, sockopt = {"x86_64": (321, 298, 54), "aarch64": (280, 241, 208)}[os.uname().machine]
attributes = ctypes.create_string_buffer(128)
for command in range(0, 37):
    if libc.syscall(bpf, command, attributes, 128) >= 0 or ctypes.get_errno() not in (errno.ENOSYS, errno.EPERM):
        print("managed bpf", command)
event = ctypes.create_string_buffer(struct.pack("IIQ", 1, 112, 0).ljust(112, b"\0"))
for pid in (0, -1, os.getppid()):
    if libc.syscall(perf, event, pid, -1, -1, 0) >= 0 or ctypes.get_errno() not in (errno.ENOSYS, errno.EPERM):
        print("managed perf_event_open", pid)
code = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0xFFFF))
for end in socket.socketpair():
    for option in (26, 50, 51):  # SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_ATTACH_REUSEPORT_CBPF
        program = struct.pack("H6xQ", 1, ctypes.addressof(code))
        if libc.syscall(sockopt, end.fileno(), socket.SOL_SOCKET, option, program, len(program)) == 0:
            print("managed to attach a filter", option)
print("contained")
