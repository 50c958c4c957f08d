# /// attack
# kind = "escape"
# aim = "try every number that is no call yet, or was one once"
# outcome = "exited"
# ///
import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)
# 335 and 336 are the kernel's own, of probes: no filter sees them, and elsewhere they do nothing.
for number in [*range(337, 424), *range(464, 600), 1023, 65535, 2**29, 2**30 - 1]:
    if libc.syscall(number, -1, -1, -1, -1, -1, -1) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
        print("managed", number, ctypes.get_errno())
print("contained")
