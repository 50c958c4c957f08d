# /// attack
# kind = "bomb"
# aim = "reserve and fill memory by mappings: huge, many, shared, locked, populated, growing"
# outcome = "exited"
# ///
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
FAILED = ctypes.c_void_p(-1).value
SHARED, PRIVATE, ANONYMOUS, DOWN, LOCKED, NORESERVE, POPULATE, HUGE = 1, 2, 32, 0x100, 0x2000, 0x4000, 0x8000, 0x40000
for size in (1 << 40, 1 << 34, 1_000_000_000):
    for flags in (0, NORESERVE, DOWN, LOCKED, HUGE, NORESERVE | HUGE):
        for kind in (SHARED, PRIVATE):
            for rights in (0, 3):
                address = libc.mmap(None, size, rights, kind | ANONYMOUS | flags, -1, 0)
                if address != FAILED:
                    print("managed to map", size, hex(flags))
                    libc.munmap(address, size)
total = 0
for _ in range(1000):
    address = libc.mmap(None, 1_000_000, 3, SHARED | ANONYMOUS | POPULATE, -1, 0)
    if address == FAILED:
        break
    total += 1_000_000
if total > 250_000_000:
    print("managed to fill", total)
if libc.mlockall(3) == 0 or libc.mlock(ctypes.c_void_p(id(libc) & ~4095), ctypes.c_size_t(4096)) == 0:
    print("managed to lock memory")
print("contained")
