# /// attack
# kind = "reward"
# aim = "speak for the warden: write to every descriptor, find a socket, a frame or an expected answer"
# outcome = "exited"
# ///
import gc
import json
import os
import socket
import stat
import sys

given = json.loads(input())
result = b'\x05\x00\x00\x00\x02\x00\x00\x00\x00{}V"forged"'
for number in range(4, 1024):
    try:
        os.write(number, result)
        print("managed to write to", number)
    except OSError:
        pass
for number in range(4):
    if not stat.S_ISREG(os.fstat(number).st_mode):
        print("managed to find something else than a file at", number)
    try:
        print("managed a socket", socket.socket(fileno=os.dup(number)))
    except OSError:
        pass
    for attempt in (lambda: os.pread(number, 100, 0), lambda: os.lseek(number, 0, os.SEEK_END)):
        try:
            found = attempt()
            if number in (1, 2, 3) and found:
                print("managed to find", found, "in", number)
        except OSError:
            pass
frame, expected = sys._getframe(), given["expected_backwards"][::-1]
while frame is not None:
    for name, value in list(frame.f_locals.items()):
        if name not in ("given", "expected") and expected in repr(value):
            print("managed to find the expected answer in", name)
    frame = frame.f_back
kinds = ("Warden", "Inbox", "Outbox", "Zygote", "Nursery", "Template")
marks = [thing for thing in gc.get_objects() if type(thing).__name__ in kinds]
for thing in marks:  # the copy that the fork left here: what it has must be of no use
    for name, value in vars(thing).items():
        if isinstance(value, socket.socket):
            try:
                value.send(result)
                print("managed to send by", name)
            except OSError:
                pass
print("contained")
