# /// attack
# kind = "time"
# aim = "spend the time in the kernel"
# outcome = "cpu_limit"
# limits = { cpu_s = 0.3 }
# ///
import os

while True:
    os.getrandom(1 << 20)
