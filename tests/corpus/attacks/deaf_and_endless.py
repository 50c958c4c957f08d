# /// attack
# kind = "time"
# aim = "never end, whatever it is told"
# outcome = "cpu_limit"
# limits = { cpu_s = 0.3 }
# ///
import resource
import signal
import sys
import threading

sys.setswitchinterval(1000)
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
for kind in range(16):
    try:
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (OSError, ValueError):
        pass


def spin():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


threading.Thread(target=spin).start()
spin()
