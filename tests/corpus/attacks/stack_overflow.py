# /// attack
# kind = "bomb"
# aim = "overflow the C stack"
# outcome = ["signal", "memory_limit", "nonzero_exit", "exited", "cpu_limit"]
# stdout = "*"
# signal = [11, 6]
# limits = { memory_bytes = 50_000_000 }
# needs_limits = true
# ///
import ctypes
import sys

sys.setrecursionlimit(10**9)
comparer = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
libc = ctypes.CDLL(None)
data = (ctypes.c_int * 2)(1, 2)


@comparer
def deeper(one, other):
    libc.qsort(data, 2, 4, deeper)
    return 0


deeper(None, None)
