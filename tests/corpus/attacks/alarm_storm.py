# /// attack
# kind = "time"
# aim = "be interrupted all the time, and swallow every exception"
# outcome = ["cpu_limit", "nonzero_exit"]
# limits = { cpu_s = 0.3 }
# ///
import signal


def handle(*_):
    raise ValueError


for number in (signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF):
    signal.signal(number, handle)
for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
    signal.setitimer(timer, 0.0001, 0.0001)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
