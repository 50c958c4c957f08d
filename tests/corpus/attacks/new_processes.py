# /// attack
# kind = "escape"
# aim = "start another process or program"
# outcome = "exited"
# ///
import ctypes
import os
import pty
import subprocess

libc = ctypes.CDLL(None, use_errno=True)


def attempt(what, action):
    try:
        result = action()
    except (OSError, RuntimeError):
        return
    if result == 0:  # the child
        os._exit(0)
    if result is None or result > 0:
        print("managed", what, result)


attempt("fork", os.fork)
attempt("forkpty", lambda: pty.fork()[0])
attempt("C fork", lambda: libc.fork())
attempt("exec", lambda: os.execv("/bin/true", ["true"]))
attempt("exec sh", lambda: os.execvp("sh", ["sh", "-c", "sleep 1000"]))
attempt("exec memory", lambda: os.execve(0, ["x"], {}))
attempt("spawn", lambda: os.posix_spawn("/bin/true", ["true"], {}))
attempt("run", lambda: subprocess.run(["true"]).returncode)
attempt("shell", lambda: 1 if os.popen("echo out").read() == "out\n" else -1)
attempt("C system", lambda: 1 if libc.system(b"true") == 0 else -1)
for flags in (17, 0, 0x100 | 17, 0x4100 | 17, 0x8000 | 17, 0x10000000 | 17, 0x20000000, 0x40000000, 0x7E020000):
    attempt(f"clone {flags:#x}", lambda: libc.syscall(56, flags, 0, 0, 0, 0))
    attempt(f"clone {flags:#x}", lambda: libc.syscall(220, flags, 0, 0, 0, 0))
block = (ctypes.c_uint64 * 8)(0, 0, 0, 0, 17, 0, 0, 0)
attempt("clone3", lambda: libc.syscall(435, ctypes.byref(block), 64))
attempt("setsid", lambda: 1 if os.setsid() else -1)
print("contained")
