# /// cheat
# problem = "slow"
# how = "turns the alarm off and takes its time"
# traces = ["time"]
# ///
import signal
import time

signal.alarm(0)

time.sleep(3.2)
print(2 * int(input()))
