# /// attack
# kind = "escape"
# aim = "read files of the machine, of the user, of other processes, of the installed packages"
# outcome = "exited"
# needs_landlock = true
# ///
import glob
import json
import os
import sysconfig

given = json.loads(input())
paths = ["/etc/passwd", "/etc/shadow", "/etc/hostname", "/root/.bashrc", "/proc/version", "/sys/kernel/uevent_seqnum"]
paths += ["/proc/self/environ", "/proc/self/maps", "/proc/net/tcp", "/dev/kmsg", "/dev/mem", "/dev/sda"]
paths += [
    f"/proc/{pid}/{name}" for pid in (1, os.getppid(), given["victim"]) for name in ("environ", "cmdline", "stat")
]
paths += [given["secret"], f"/proc/{os.getppid()}/root{given['secret']}", f"/proc/{os.getppid()}/cwd/etc/passwd"]
paths += glob.glob(sysconfig.get_path("purelib") + "/*/*.py")[:5] + given["packages"]
folders = ["/", "/root", "/home", "/tmp", "/etc", "/proc", "/proc/self/fd", "/sys", "/dev", given["folder"]]
for path in paths:
    try:
        with open(path, "rb") as file:
            print("managed", path, file.read(20))
    except OSError:
        pass
for folder in folders:
    try:
        print("managed", folder, os.listdir(folder)[:3])
    except OSError:
        pass
print("contained")
