# /// attack
# kind = "escape"
# aim = "fork by the 32-bit door"
# outcome = "signal"
# signal = [31, 11]
# machine = "x86_64"
# ///
import ctypes
import mmap
import os

code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
# push rbx; mov eax, 2 (fork); int 0x80; pop rbx; ret
code.write(bytes.fromhex("53 b802000000 cd80 5b c3".replace(" ", "")))
parent = os.getpid()
result = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
if os.getpid() != parent:
    os._exit(0)
if result > 0:
    print("managed", result, flush=True)
else:
    os.kill(os.getpid(), 11)
