# /// attack
# kind = "bomb"
# aim = "fill the memory of the machine with errors, by many threads"
# outcome = "output_limit"
# needs_limits = true
# ///
import os
import signal
import threading

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def flood():
    try:
        while True:
            os.write(2, bytes(100_000))
    except OSError:
        pass


threads = [threading.Thread(target=flood) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
os.write(1, b"still here\n")
