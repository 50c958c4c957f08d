# /// attack
# kind = "time"
# aim = "never finish ending: atexit, dropped objects, excepthook, threads"
# outcome = "cpu_limit"
# limits = { cpu_s = 0.3 }
# ///
import atexit
import sys


class Stubborn:
    def __del__(self):
        while True:
            pass


def spin(*_):
    while True:
        pass


kept = Stubborn()
atexit.register(spin)
sys.excepthook = spin
print("anything", flush=True)
raise SystemExit(0)
