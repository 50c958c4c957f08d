# /// attack
# kind = "escape"
# aim = "change others or oneself by writing to /proc: who dies in need, names, dumps, scheduling"
# outcome = "exited"
# ///
import json
import os

given = json.loads(input())
names = """oom_score_adj oom_adj comm coredump_filter clear_refs timerslack_ns autogroup attr/current attr/exec
uid_map gid_map setgroups loginuid make-it-fail sched mem cpuset""".split()
for pid in ("self", os.getppid(), given["agent"], given["victim"], given["neighbour"]):
    for name in names:
        for flags in (os.O_WRONLY, os.O_RDWR, os.O_RDONLY | os.O_TRUNC):
            try:
                os.open(f"/proc/{pid}/{name}", flags)
                print("managed to open to write", pid, name)
            except OSError:
                pass
for path in (
    "/proc/sysrq-trigger",
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/hostname",
    "/proc/sys/vm/drop_caches",
):
    try:
        os.open(path, os.O_WRONLY)
        print("managed to open to write", path)
    except OSError:
        pass
print("contained")
