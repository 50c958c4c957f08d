# /// attack
# kind = "escape"
# aim = "handle page faults of the kernel by oneself"
# outcome = "exited"
# ///
import ctypes
import fcntl
import os

libc = ctypes.CDLL(None, use_errno=True)
call = {"x86_64": 323, "aarch64": 282}[os.uname().machine]
for flags in (0, 1, os.O_NONBLOCK, os.O_CLOEXEC | 1):
    if libc.syscall(call, flags) >= 0:
        print("managed userfaultfd", flags)
for number in (0, 1, 2, 3):
    for request in (0xAA00, 0xC018AA3F):  # USERFAULTFD_IOC_NEW, UFFDIO_API
        try:
            fcntl.ioctl(number, request, bytes(24))
            print("managed a request", hex(request))
        except OSError:
            pass
print("contained")
