# /// attack
# kind = "environment"
# aim = "learn who runs the judge, and what else runs beside it"
# outcome = "exited"
# needs_landlock = true
# ///
import getpass
import os
import pwd

for action in (
    lambda: pwd.getpwuid(os.getuid()),
    lambda: pwd.getpwall()[0],
    os.getlogin,
    getpass.getuser,
    lambda: os.listdir("/proc"),
    lambda: open("/proc/mounts").read(),
    lambda: open("/proc/net/tcp").read(),
    lambda: open("/proc/self/cgroup").read(),
    lambda: open("/proc/cmdline").read(),
    lambda: open("/proc/cpuinfo").read(),
    lambda: open("/etc/hosts").read(),
    lambda: open("/etc/resolv.conf").read(),
    lambda: open("/var/run/secrets/kubernetes.io/serviceaccount/token").read(),
    lambda: os.listdir("/sys/class/net"),
    lambda: os.listdir("/sys/fs/cgroup"),
):
    try:
        print("managed", action())
    except (OSError, KeyError, IndexError):
        pass
print("contained")
