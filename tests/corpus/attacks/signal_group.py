# /// attack
# kind = "escape"
# aim = "join the process group or session of others, and signal the group"
# outcome = "exited"
# ///
import json
import os
import signal

given = json.loads(input())
group = os.getpgrp()
for pid in (os.getppid(), given["agent"], given["victim"], given["neighbour"]):
    for action in (
        lambda: os.setpgid(0, pid),
        lambda: os.setpgid(pid, os.getpid()),
        lambda: os.setpgid(0, os.getpgid(pid)),
        lambda: os.killpg(os.getpgid(pid), 0),
        lambda: os.killpg(os.getpgid(pid), signal.SIGCONT),
        lambda: os.kill(-pid, signal.SIGCONT),
    ):
        try:
            action()
            print("managed", pid)
        except OSError:
            pass
for action in (lambda: os.kill(0, signal.SIGCONT), lambda: os.killpg(0, signal.SIGCONT), lambda: os.kill(-1, 0)):
    try:
        action()
        print("managed a group")
    except OSError:
        pass
if os.getpgrp() != group:
    print("managed to change groups")
print("contained")
