# /// attack
# kind = "escape"
# aim = "leave a core dump, or have the kernel start the program that takes dumps"
# outcome = "signal"
# signal = [11]
# ///
import ctypes
import resource

for kind in (resource.RLIMIT_CORE,):
    try:
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print("managed to allow dumps", flush=True)
    except (OSError, ValueError):
        pass
if ctypes.CDLL(None).prctl(4, 1, 0, 0, 0) == 0:
    print("managed to be dumpable", flush=True)
ctypes.string_at(8)
