# /// attack
# kind = "escape"
# aim = "become root of a namespace of one's own: unshare, setns, clone and clone3 with every flag"
# outcome = "exited"
# ///
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
clone, unshare, setns = {"x86_64": (56, 272, 308), "aarch64": (220, 97, 268)}[os.uname().machine]
FLAGS = (0x20000, 0x80, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
THREAD = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000


def attempt(what, result):
    if result == 0 and "clone" in what:
        os._exit(0)
    if result >= 0:
        print("managed", what)


for flag in FLAGS:
    attempt(f"unshare {flag:#x}", libc.syscall(unshare, flag))
    attempt(f"clone {flag:#x}", libc.syscall(clone, flag | 17, 0, 0, 0, 0))
    attempt(f"clone of a thread {flag:#x}", -1 if flag == 0x80 else libc.syscall(clone, flag | THREAD, 0, 0, 0, 0))
    block = (ctypes.c_uint64 * 11)(flag, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)
    attempt(f"clone3 {flag:#x}", libc.syscall(435, ctypes.byref(block), 88))
    for number in range(4):
        attempt(f"setns {flag:#x}", libc.syscall(setns, number, flag))
print("contained")
