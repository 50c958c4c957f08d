# /// attack
# kind = "bomb"
# aim = "start threads past the interpreter, by the C library"
# outcome = ["signal", "memory_limit"]
# signal = [9]
# limits = { cpu_s = 10.0 }
# ///
import ctypes
import time

libc = ctypes.CDLL(None, use_errno=True)
attributes, thread = ctypes.create_string_buffer(64), ctypes.c_ulong()
libc.pthread_attr_init(attributes)
libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(16384))
started = 0
while started < 1000 and libc.pthread_create(ctypes.byref(thread), attributes, libc.pause, None) == 0:
    started += 1
time.sleep(5)
print("managed", started, "threads", flush=True)
