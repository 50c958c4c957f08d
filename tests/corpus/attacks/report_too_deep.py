# /// attack
# kind = "reward"
# aim = "make the trusted side overflow its stack while it reads the value"
# outcome = "exited"
# function = "answer"
# verdict = "wrong_answer"
# ///
import os


def answer(given):
    os.write(3, b"V" + b"[" * 60_000 + b"]" * 5000)
    os._exit(0)
