# /// attack
# kind = "reward"
# aim = "look like a program that the kernel killed for want of memory"
# outcome = "signal"
# signal = [9]
# verdict = "runtime_error"
# ///
import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
