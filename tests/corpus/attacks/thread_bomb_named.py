# /// attack
# kind = "bomb"
# aim = "use up all threads under a name that is no text, so that they are not counted"
# outcome = ["signal", "memory_limit"]
# signal = [9]
# limits = { cpu_s = 10.0 }
# ///
import ctypes
import threading

libc = ctypes.CDLL(None)
libc.prctl(15, b") \xff\xfe Z 1 (", 0, 0, 0)
gate = threading.Event()
threading.stack_size(32768)
started = 0
try:
    while started < 1000:
        threading.Thread(target=gate.wait, daemon=True).start()
        started += 1
except (RuntimeError, MemoryError):
    pass
gate.wait(5)  # long enough to be looked at
print("managed", started, "threads", flush=True)
