# /// attack
# kind = "time"
# aim = "take time without using the processor"
# outcome = "wall_limit"
# limits = { cpu_s = 0.2 }
# ///
import time

time.sleep(1000)
