# /// attack
# kind = "bomb"
# aim = "compute with integers of a billion digits, where no signal interrupts"
# outcome = ["cpu_limit", "memory_limit"]
# limits = { cpu_s = 0.3 }
# needs_limits = true
# ///
import signal

signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
x = 7 ** (10**6)
while True:
    x = x * x
