# /// attack
# kind = "bomb"
# aim = "fill the memory of the machine with output, on every descriptor"
# outcome = "output_limit"
# needs_limits = true
# ///
import os
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
block = bytes(1_000_000)
for number in (1, 2, 3):
    try:
        while True:
            os.write(number, block)
    except OSError:
        pass
    for attempt in (
        lambda: os.ftruncate(number, 10**12),
        lambda: os.pwrite(number, b"x", 10**12),
        lambda: os.posix_fallocate(number, 0, 10**10),
        lambda: os.sendfile(number, 0, 0, 10**12),
        lambda: os.copy_file_range(1, number, 10**8, 0, 10**8),
    ):
        try:
            attempt()
        except OSError:
            pass
