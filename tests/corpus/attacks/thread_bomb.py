# /// attack
# kind = "bomb"
# aim = "use up all threads of the machine"
# outcome = ["signal", "memory_limit", "exited"]
# stdout = ""
# ///
import threading

gate = threading.Event()
threading.stack_size(65536)
started = 0
try:
    while started < 20_000:
        threading.Thread(target=gate.wait, daemon=True).start()
        started += 1
    print("managed", started)
except (RuntimeError, MemoryError):
    pass
gate.wait(5)
