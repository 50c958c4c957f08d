# /// attack
# kind = "reward"
# aim = "set modes on the output file, which the harness reads by the same opening, so that it cannot be read"
# outcome = "exited"
# ///
import fcntl
import os

os.write(1, b"contained\n")
for number in range(4):
    for flags in (os.O_DIRECT, os.O_APPEND, os.O_NONBLOCK, os.O_ASYNC, os.O_NOATIME, os.O_DIRECT | os.O_NONBLOCK):
        try:
            fcntl.fcntl(number, fcntl.F_SETFL, flags)
        except OSError:
            pass
    for action in (
        lambda: fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB),
        lambda: fcntl.lockf(number, fcntl.LOCK_EX | fcntl.LOCK_NB),
        lambda: os.lseek(number, 1 << 40, os.SEEK_SET),
        lambda: os.set_blocking(number, False),
    ):
        try:
            action()
        except OSError:
            pass
os._exit(0)
