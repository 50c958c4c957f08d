# /// attack
# kind = "escape"
# aim = "change limits, priorities and cores of others"
# outcome = "exited"
# ///
import ctypes
import json
import os
import resource

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)


def attempt(what, action):
    try:
        action()
        print("managed", what)
    except (OSError, ValueError):
        pass


for pid in (os.getppid(), given["agent"], given["victim"], given["neighbour"]):
    attempt(f"cores {pid}", lambda: os.sched_setaffinity(pid, {0}))
    attempt(f"limit {pid}", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3)))
    attempt(f"reading a limit {pid}", lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE))
    attempt(f"priority {pid}", lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
    attempt(f"scheduler {pid}", lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)))
    attempt(f"group {pid}", lambda: os.setpgid(pid, 0))
    for call in (251, 30, 314, 274, 256, 238):  # ioprio_set, sched_setattr, migrate_pages
        if libc.syscall(call, 1, pid, 0, 0) == 0:
            print("managed call", call, pid)
attempt("own cores", lambda: os.sched_setaffinity(0, {0}))
attempt("own priority", lambda: os.setpriority(os.PRIO_PROCESS, 0, -1))
print("contained")
