# /// attack
# kind = "time"
# aim = "leave the process's first thread, which is the one that is watched, and go on in another"
# outcome = "cpu_limit"
# limits = { cpu_s = 0.3 }
# machine = "x86_64"
# ///
import ctypes
import threading


def spin():
    while True:
        pass


threading.Thread(target=spin).start()
ctypes.CDLL(None).syscall(60, 0)
