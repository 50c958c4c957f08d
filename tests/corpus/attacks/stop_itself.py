# /// attack
# kind = "time"
# aim = "stop itself, so that it uses no time and never ends"
# outcome = "wall_limit"
# limits = { cpu_s = 0.2 }
# ///
import os
import signal

for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU):
    os.kill(os.getpid(), number)
signal.pause()
