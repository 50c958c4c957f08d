# /// attack
# kind = "reward"
# aim = "make the trusted side divide by zero while it reads the value"
# outcome = "exited"
# function = "answer"
# verdict = "wrong_answer"
# ///
import os


def answer(given):
    os.write(3, b'V[{"$q": ["1", "0"]}, {"$q": ["0", "-0"]}, {"$q": ["1", "1", "1"]}]')
    os._exit(0)
