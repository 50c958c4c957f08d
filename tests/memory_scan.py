"""A program that looks for a word in all of its memory that it can find; for tests of what a process must not hold."""

from __future__ import annotations

# Looks through the memory around all that it knows of, by asking the kernel to copy each page into a pipe: what is not
# mapped is an error then, not a crash. It compares after adding one to every byte, and is given the word that way, so
# that it never holds the word itself.
SCAN = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
libc.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
add_one = bytes((value + 1) % 256 for value in range(256))
word = bytes.fromhex(input())
control = b"planted".translate(add_one)
ours, theirs = os.pipe()
page = 4096
def look(start, end):
    previous, hits = b"", [0, 0]
    for address in range(start, end, page):
        if libc.write(theirs, address, page) != page:
            previous = b""
            continue
        data = os.read(ours, page).translate(add_one)
        for number, target in enumerate((control, word)):
            hits[number] += (previous[1 - len(target):] + data).count(target)
        previous = data
    return hits
known = [word, os, control, object(), ctypes.c_int(), bytearray(100_000), bytearray(10_000_000)]
around = {id(thing) for thing in known} | {ctypes.addressof(known[4])}
around |= {ctypes.addressof((ctypes.c_char * 1).from_buffer(thing)) for thing in known[5:]}
around |= {ctypes.cast(function, ctypes.c_void_p).value for function in (libc.write, libc.fork)}
megabyte, total, done = 1 << 20, [0, 0], set()
for address in around:
    for block in range((address >> 20) - 32, (address >> 20) + 32):
        if block not in done:
            done.add(block)
            total = [a + b for a, b in zip(total, look(block << 20, (block + 1) << 20))]
print(total[0] > 0, total[1])
"""


def plus_one(data: bytes) -> bytes:
    """A word as the program is to be given it."""
    return bytes((value + 1) % 256 for value in data)
