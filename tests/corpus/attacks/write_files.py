# /// attack
# kind = "escape"
# aim = "leave, change, truncate or remove files"
# outcome = "exited"
# ///
import json
import os
import sys
import tempfile

given = json.loads(input())
name = given["token"]
folders = ["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/root", "/home", "/etc", "/", given["folder"], "."]
existing = [os.__file__, json.__file__, sys.executable, "/etc/passwd", "/etc/ld.so.cache", "/dev/tty", "/dev/kmsg"]


def attempt(what, action):
    try:
        action()
        print("managed", what)
    except (OSError, NotImplementedError):
        pass


for folder in folders:
    path = f"{folder}/{name}"
    attempt(f"create {path}", lambda: os.open(path, os.O_CREAT | os.O_WRONLY))
    attempt(f"create unseen {path}", lambda: os.open(path, os.O_CREAT | os.O_RDONLY))
    attempt(f"nameless {path}", lambda: os.open(folder, os.O_TMPFILE | os.O_RDWR))
    attempt(f"mkdir {path}", lambda: os.mkdir(path))
    attempt(f"mkfifo {path}", lambda: os.mkfifo(path))
    attempt(f"mknod {path}", lambda: os.mknod(path))
    attempt(f"symlink {path}", lambda: os.symlink("/", path))
    attempt(f"link {path}", lambda: os.link(os.__file__, path))
    attempt(f"temporary {path}", lambda: tempfile.mkstemp(dir=folder, prefix=name))
for path in [*existing, given["secret"]]:  # only opened: were it to succeed, nothing would be lost
    attempt(f"append {path}", lambda: os.open(path, os.O_WRONLY | os.O_APPEND))
    attempt(f"read and write {path}", lambda: os.open(path, os.O_RDWR))
    attempt(f"utime {path}", lambda: os.utime(path))
for path in [given["secret"], given["folder"]]:
    attempt(f"truncate by opening {path}", lambda: os.open(path, os.O_RDONLY | os.O_TRUNC))
    attempt(f"truncate {path}", lambda: os.truncate(path, 0))
    attempt(f"remove {path}", lambda: os.unlink(path))
    attempt(f"remove folder {path}", lambda: os.rmdir(path))
    attempt(f"rename {path}", lambda: os.rename(path, path + name))
    attempt(f"chmod {path}", lambda: os.chmod(path, 0o777))
    attempt(f"chown {path}", lambda: os.chown(path, os.getuid(), os.getgid()))
    attempt(f"setxattr {path}", lambda: os.setxattr(path, "user.x", b"x"))
for number in (0, 3, 4, 5):
    attempt(f"change the mode of {number}", lambda: os.fchmod(number, 0o777))
print("contained")
