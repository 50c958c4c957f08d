# /// attack
# kind = "time"
# aim = "raise one's own limits"
# outcome = "exited"
# ///
import os
import resource

for name in (
    "AS",
    "FSIZE",
    "CORE",
    "CPU",
    "NOFILE",
    "DATA",
    "STACK",
    "RSS",
    "MEMLOCK",
    "NPROC",
    "NICE",
    "RTPRIO",
    "MSGQUEUE",
):
    kind = getattr(resource, f"RLIMIT_{name}", None)
    if kind is None:
        continue
    soft, hard = resource.getrlimit(kind)
    if hard == resource.RLIM_INFINITY:
        if name in ("AS", "FSIZE", "CPU", "NOFILE", "CORE"):
            print("managed to be without a limit", name)
        continue
    for value in (resource.RLIM_INFINITY, hard + 1):
        for change in (
            lambda: resource.setrlimit(kind, (value, value)),
            lambda: resource.prlimit(0, kind, (value, value)),
            lambda: resource.prlimit(os.getpid(), kind, (value, value)),
        ):
            try:
                change()
                print("managed to raise", name)
            except (OSError, ValueError, OverflowError):
                pass
for action in (lambda: os.nice(-5), lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))):
    try:
        action()
        print("managed a better priority")
    except OSError:
        pass
print("contained")
