# /// attack
# kind = "time"
# aim = "compute on all processors at once, where each thread alone is within the limit"
# outcome = "cpu_limit"
# limits = { cpu_s = 0.4, memory_bytes = 2_000_000_000 }
# ///
import hashlib
import threading

data = bytes(1 << 20)
threads = [threading.Thread(target=lambda: [hashlib.sha256(data) for _ in range(5000)]) for _ in range(16)]
for thread in threads:
    thread.start()
