# /// attack
# kind = "bomb"
# aim = "fill files in memory that count for nobody: memfd, secret memory, shared memory, huge pages"
# outcome = "exited"
# ///
import ctypes
import errno
import os

libc = ctypes.CDLL(None, use_errno=True)
block, written = bytes(1_000_000), 0
for flags in (0, 1, 2, 4, 0x10):
    try:
        number = os.memfd_create("bomb", flags)
        print("managed a memory file", flags)
    except OSError:
        continue
    try:
        for _ in range(20):
            written += os.write(number, block)
    except OSError:
        pass
if written:
    print("managed to write", written)
for path in ("/dev/shm/bomb", "/run/shm/bomb", "/dev/hugepages/bomb", "/run/bomb"):
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_EXCL))
        os.unlink(path)
        print("managed a file at", path)
    except OSError:
        pass
if libc.syscall(447, 0) >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
    print("managed secret memory")
print("contained")
