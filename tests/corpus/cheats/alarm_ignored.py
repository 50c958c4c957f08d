# /// cheat
# problem = "slow"
# how = "ignores the alarm's signal"
# traces = ["time"]
# ///
import signal
import time

signal.signal(signal.SIGALRM, signal.SIG_IGN)

time.sleep(3.2)
print(2 * int(input()))
