# /// attack
# kind = "environment"
# aim = "read the start of the agent from one's own files in /proc"
# outcome = "exited"
# needs_landlock = true
# ///
import os

for base in ("/proc/self", "/proc/thread-self", f"/proc/{os.getpid()}", f"/proc/self/task/{os.getpid()}"):
    for name in (
        "environ",
        "cmdline",
        "maps",
        "auxv",
        "status",
        "limits",
        "mountinfo",
        "cgroup",
        "stack",
        "fdinfo/0",
        "mem",
    ):
        try:
            with open(f"{base}/{name}", "rb") as file:
                print("managed to read", base, name, file.read(10))
        except OSError:
            pass
    for name in ("fd", "task", "ns", "map_files"):
        try:
            print("managed to list", os.listdir(f"{base}/{name}"))
        except OSError:
            pass
print("contained")
