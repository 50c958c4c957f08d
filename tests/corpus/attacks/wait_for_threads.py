# /// attack
# kind = "time"
# aim = "end, with a thread that never does"
# outcome = "wall_limit"
# limits = { cpu_s = 0.2 }
# ///
import threading

threading.Thread(target=threading.Event().wait).start()
print("anything", flush=True)
