# /// attack
# kind = "time"
# aim = "make one's clocks, or the warden's, tell another time"
# outcome = "cpu_limit"
# limits = { cpu_s = 0.3 }
# ///
import time

for clock in range(12):
    for value in (0.0, 1e9):
        try:
            time.clock_settime(clock, value)
            print("managed to set clock", clock, flush=True)
        except OSError:
            pass
for name in ("monotonic", "time", "process_time", "perf_counter", "thread_time"):
    setattr(time, name, lambda: 0.0)
while True:
    pass
