# /// attack
# kind = "escape"
# aim = "gain rights: set the user, groups, capabilities, securebits, or run a set-user-id program"
# outcome = "exited"
# ///
import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
capset = {"x86_64": 126, "aarch64": 91}[os.uname().machine]


def attempt(what, action):
    try:
        if action() in (None, 0):
            print("managed", what)
    except OSError:
        pass


attempt("setuid", lambda: os.setuid(0))
attempt("setgid", lambda: os.setgid(0))
attempt("seteuid", lambda: os.seteuid(0))
attempt("setreuid", lambda: os.setreuid(-1, 0))
attempt("setresuid", lambda: os.setresuid(0, 0, 0))
attempt("setresgid", lambda: os.setresgid(0, 0, 0))
attempt("setgroups", lambda: os.setgroups([0]))
attempt("setfsuid", lambda: libc.syscall({"x86_64": 122, "aarch64": 151}[os.uname().machine], 0))
header = struct.pack("Ii", 0x20080522, 0)
attempt("capset", lambda: libc.syscall(capset, header, b"\xff" * 24))
for option, value in (
    (8, 1),
    (28, 0x3F),
    (47, 2),
    (24, 1),
    (38, 0),
):  # KEEPCAPS SECUREBITS AMBIENT CAPBSET NO_NEW_PRIVS
    attempt(f"prctl {option}", lambda: libc.prctl(option, value, 0, 0, 0))
for path in ("/usr/bin/su", "/usr/bin/sudo", "/usr/bin/passwd", "/usr/bin/newuidmap", "/bin/ping"):
    attempt(path, lambda: os.execv(path, [path]))
if libc.prctl(39, 0, 0, 0, 0) != 1:
    print("managed to be without no_new_privs")
print("contained")
