# /// attack
# kind = "escape"
# aim = "run a program by every door: execveat, the loader, a script, memory, a descriptor"
# outcome = "exited"
# ///
import ctypes
import errno
import json
import os

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
execve, execveat = {"x86_64": (59, 322), "aarch64": (221, 281)}[os.uname().machine]
arguments = (ctypes.c_char_p * 2)(b"true", None)
for path in (
    b"/bin/true",
    b"/usr/bin/python3",
    b"/lib64/ld-linux-x86-64.so.2",
    b"/proc/self/exe",
    given["secret"].encode(),
):
    for number, rest in ((execve, (path, arguments, None)), (execveat, (-100, path, arguments, None, 0))):
        libc.syscall(number, *rest)
        if ctypes.get_errno() not in (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOENT):
            print("managed", path, ctypes.get_errno())
for descriptor in range(4):
    libc.syscall(execveat, descriptor, b"", arguments, None, 0x1000)
    if ctypes.get_errno() not in (errno.EPERM, errno.EACCES, errno.ENOSYS):
        print("managed a descriptor", ctypes.get_errno())
for path in ("/bin/true", "/usr/bin/python3"):
    try:
        os.fexecve = os.execve(os.open(path, os.O_RDONLY), ["x"], {})
        print("managed to run", path)
    except OSError:
        pass
if libc.syscall({"x86_64": 134}.get(os.uname().machine, 999), b"/lib/libc.so.6") == 0:  # uselib
    print("managed uselib")
print("contained")
