# /// attack
# kind = "escape"
# aim = "signal or type by a terminal"
# outcome = "exited"
# ///
import fcntl
import os
import struct

TIOCSCTTY, TIOCSPGRP, TIOCSTI, TIOCNOTTY, TIOCLINUX, TIOCSIG, TIOCVHANGUP = (
    0x540E,
    0x5410,
    0x5412,
    0x5422,
    0x541C,
    0x40045436,
    0x5437,
)
numbers = [0, 1, 2, 3]
for path in ("/dev/tty", "/dev/ptmx", "/dev/pts/ptmx", "/dev/console", "/dev/tty0", "/dev/pts/0"):
    for flags in (os.O_RDWR, os.O_RDONLY | os.O_NOCTTY):
        try:
            numbers.append(os.open(path, flags | os.O_NONBLOCK))
            if flags & os.O_RDWR:
                print("managed to open to write", path)
        except OSError:
            pass
try:
    numbers.extend(os.openpty())
    print("managed a new terminal")
except OSError:
    pass
for number in numbers:
    for request in (TIOCSCTTY, TIOCSPGRP, TIOCSTI, TIOCLINUX, TIOCNOTTY, TIOCSIG, TIOCVHANGUP):
        try:
            fcntl.ioctl(number, request, struct.pack("i", 0))
            print("managed a request", hex(request))
        except OSError:
            pass
print("contained")
