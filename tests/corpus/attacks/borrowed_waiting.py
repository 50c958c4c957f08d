# /// attack
# kind = "time"
# aim = "look like a program that waits for a processor: many threads in each other's way, and then sleep"
# outcome = ["wall_limit", "cpu_limit"]
# limits = { cpu_s = 1.0, memory_bytes = 4_000_000_000, overload_wall_s = 10.0 }
# ///
import hashlib
import threading
import time

data = bytes(1 << 18)
gate = threading.Barrier(60)


def work():
    gate.wait()
    while time.process_time() < 0.3:
        hashlib.sha256(data)
    time.sleep(1000)


for _ in range(60):
    threading.Thread(target=work).start()
