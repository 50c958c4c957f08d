# /// attack
# kind = "bomb"
# aim = "make the output a file of holes, as large as may be, on every descriptor"
# outcome = "output_limit"
# ///
import os
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for number in (1, 2, 3):
    for size in (1 << 62, 1 << 40, 1 << 32, 4_000_000, 3_999_999):
        try:
            os.ftruncate(number, size)
            break
        except OSError:
            pass
    try:
        os.pwrite(number, b"x" * 100, 3_999_990)
    except OSError:
        pass
