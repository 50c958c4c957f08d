# /// cheat
# problem = "slow"
# how = "turns the alarm off, and stops every clock that it can reach"
# traces = ["time"]
# ///
import gc
import signal
import time

signal.alarm(0)
time.sleep(5)
for thing in gc.get_objects():
    if type(thing).__name__ == "Alarm":
        wall, cpu = thing._start
        thing._wall, thing._cpu = (lambda: wall + 0.1), (lambda: cpu + 0.1)
print(2 * int(input()))
