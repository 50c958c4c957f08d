# /// attack
# kind = "escape"
# aim = "enter the kernel by the instruction of 32-bit programs"
# outcome = ["signal", "exited"]
# signal = [31, 11, 4]
# machine = "x86_64"
# ///
import ctypes
import mmap

code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
# push rbp; push rbx; mov eax, 102 (socketcall); mov ebx, 1; mov ebp, esp; sysenter
code.write(bytes.fromhex("5553 b866000000 bb01000000 89e5 0f34 5b5d c3".replace(" ", "")))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
print("managed", flush=True)
