# /// attack
# kind = "reward"
# aim = "find the next test's input in the memory that the fork left here"
# outcome = "exited"
# limits = { cpu_s = 3.0 }
# ///
import ctypes
import json
import mmap
import os
import threading

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]
wanted = [given["next_backwards"].encode(), given["expected_backwards"].encode()]
PAGE, BLOCK = 4096, 16
state = ctypes.create_string_buffer(BLOCK)
ours, theirs = os.pipe()
os.set_blocking(theirs, False)
os.set_blocking(ours, False)
libc.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
libc.sbrk.restype = ctypes.c_void_p
anchors = [id(given), id(os), id(json), ctypes.cast(libc.malloc, ctypes.c_void_p).value, libc.sbrk(0) - PAGE]
anchors += [ctypes.addressof(ctypes.c_char.from_buffer(mmap.mmap(-1, PAGE))), ctypes.addressof(state)]
seen, looked = set(), 0


def look(page):
    """One page, read by the kernel: where it cannot be read, there is no harm done."""
    if libc.write(theirs, page, PAGE) != PAGE:
        return False
    data = os.read(ours, PAGE)[::-1]
    for word in wanted:
        if word in data:
            print("managed to find", word, hex(page))
    return True


for anchor in anchors:
    for step in (PAGE, -PAGE):
        page, missing = anchor & ~(PAGE - 1), 0
        while missing < 512 and looked < 40_000:
            if page not in seen:
                seen.add(page)
                missing = 0 if look(page) else missing + 1
                looked += 1
            else:
                missing += 1
            page += step
print("contained" if looked > 500 else "could not look")
