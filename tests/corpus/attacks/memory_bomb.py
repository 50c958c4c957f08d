# /// attack
# kind = "bomb"
# aim = "use up all memory, by every way that might not be counted"
# outcome = "memory_limit"
# needs_limits = true
# ///
import fcntl
import mmap
import os
import socket

kept = []
try:
    while len(kept) < 1000:
        ours, theirs = os.pipe()
        kept += [ours, theirs]
        try:
            fcntl.fcntl(theirs, 1031, 1 << 20)  # F_SETPIPE_SZ
            print("managed a larger pipe")
        except OSError:
            pass
except OSError:
    pass  # no more files
for number in kept:
    os.close(number)
for pair in [socket.socketpair() for _ in range(10)]:
    for end in pair:
        end.setblocking(False)
        try:
            while True:
                end.send(bytes(65536))
        except OSError:
            pass
maps = []
try:
    while True:
        maps.append(mmap.mmap(-1, 50_000_000))  # shared, anonymous: not the process's own to the eye
        maps[-1][::4096] = bytes(len(range(0, 50_000_000, 4096)))
except (OSError, MemoryError):
    pass
data = []
while True:
    data.append(bytearray(10_000_000))
