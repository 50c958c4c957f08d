# /// attack
# kind = "bomb"
# aim = "outlive the test: a daemon, a thread that stays, a timer that brings one back"
# outcome = "exited"
# ///
import os
import signal
import sys
import threading
import time

try:
    if os.fork() == 0:
        os.setsid()
        signal.alarm(2)
        time.sleep(10)
    else:
        print("managed a daemon")
except OSError:
    pass
signal.setitimer(signal.ITIMER_REAL, 100)
threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
try:
    os.register_at_fork(after_in_child=lambda: print("managed to be in another process"))
except (AttributeError, ValueError):
    pass
print("contained")
sys.stdout.flush()
os._exit(0)
