# /// attack
# kind = "escape"
# aim = "signal the warden, the agent, a neighbour, everyone"
# outcome = "exited"
# ///
import ctypes
import json
import os
import signal

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
info = ctypes.create_string_buffer(128)


def attempt(what, action):
    try:
        if action() in (None, 0):
            print("managed", what)
    except OSError:
        pass


harmless, deadly = (0, signal.SIGCONT), (0, signal.SIGCONT, signal.SIGTERM, signal.SIGKILL)
targets = dict.fromkeys((os.getppid(), given["agent"], given["victim"], given["neighbour"]), deadly)
targets |= dict.fromkeys((0, 1, -1, -os.getppid(), -given["agent"]), harmless)  # were it to succeed: nobody else's end
for pid, numbers in targets.items():
    for number in numbers:
        attempt(f"kill {pid} {number}", lambda: os.kill(pid, number))
        attempt(f"killpg {pid} {number}", lambda: os.killpg(pid, number))
        try:
            signal.pidfd_send_signal(os.pidfd_open(pid), number)
            print("managed pidfd", pid)
        except (OSError, ValueError):
            pass
        if pid > 1 and os.uname().machine == "x86_64":
            for call in (200, 129):  # tkill, rt_sigqueueinfo
                attempt(f"call {call} {pid} {number}", lambda: libc.syscall(call, pid, number, info))
            for call in (234, 297):  # tgkill, rt_tgsigqueueinfo
                attempt(f"call {call} {pid} {number}", lambda: libc.syscall(call, pid, pid, number, info))
print("contained")
