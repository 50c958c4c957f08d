# /// attack
# kind = "bomb"
# aim = "fork without end, by every call that can"
# outcome = "exited"
# ///
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
fork, vfork, clone = {"x86_64": (57, 58, 56), "aarch64": (1079, 1079, 220)}[os.uname().machine]
made, parent = 0, os.getpid()
for _ in range(30):  # few, and short-lived: where nothing stops them, the machine shall live on
    for call in (os.fork, lambda: libc.fork(), lambda: libc.syscall(fork), lambda: libc.syscall(clone, 17, 0, 0, 0, 0)):
        try:
            result = call()
        except OSError:
            continue
        if result == 0 or os.getpid() != parent:
            os._exit(0)
        made += result > 0
if made:
    print("managed to fork", made, "times")
print("contained")
