# /// attack
# kind = "escape"
# aim = "call the kernel by x32 numbers"
# outcome = "signal"
# signal = [31]
# machine = "x86_64"
# ///
import ctypes

ctypes.CDLL(None).syscall(0x40000000 | 41, 1, 1, 0)
print("managed", flush=True)
