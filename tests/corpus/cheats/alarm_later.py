# /// cheat
# problem = "slow"
# how = "puts the alarm off"
# traces = ["time"]
# ///
import signal
import time

signal.setitimer(signal.ITIMER_REAL, 100)
time.sleep(3.2)
print(2 * int(input()))
