# /// attack
# kind = "time"
# aim = "leave the process's first thread, and sleep in another"
# outcome = "wall_limit"
# limits = { cpu_s = 0.2 }
# machine = "x86_64"
# ///
import ctypes
import threading
import time

threading.Thread(target=time.sleep, args=(1000,)).start()
ctypes.CDLL(None).syscall(60, 0)
