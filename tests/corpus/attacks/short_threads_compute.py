# /// attack
# kind = "time"
# aim = "compute in threads that have ended before anyone looks"
# outcome = "cpu_limit"
# limits = { cpu_s = 0.4, memory_bytes = 2_000_000_000 }
# ///
import hashlib
import threading

data = bytes(1 << 20)
while True:
    threads = [threading.Thread(target=hashlib.sha256, args=(data,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
