# /// attack
# kind = "reward"
# aim = "end by signals that have a meaning for the harness"
# outcome = ["signal", "cpu_limit"]
# ///
import os
import signal

signal.signal(signal.SIGXCPU, signal.SIG_DFL)
print("anything", flush=True)
for number in (signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH):  # these do nothing
    os.kill(os.getpid(), number)
os.kill(os.getpid(), signal.SIGXFSZ)
os.kill(os.getpid(), signal.SIGXCPU)
