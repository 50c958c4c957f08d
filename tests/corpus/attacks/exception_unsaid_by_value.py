# /// attack
# kind = "reward"
# aim = "fail, and report a value afterwards, at the end of the process"
# outcome = ["exited", "nonzero_exit"]
# function = "answer"
# verdict = "wrong_answer"
# ///
import atexit
import os


def instead():
    os.ftruncate(3, 0)
    os.pwrite(3, b"Vtrue", 0)
    os._exit(0)


atexit.register(instead)


def answer(given):
    raise ValueError("wrong")
