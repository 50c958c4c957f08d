# /// attack
# kind = "reward"
# aim = "print what the trusted side's comparison chokes on: numbers without end, signals, strange digits"
# outcome = "exited"
# stdout = "*"
# expected = "1 2 3"
# verdict = "wrong_answer"
# ///
import sys

sys.stdout.write(" ".join(["1e999999999999", "sNaN", "-sNaN123"]) + "9" * 150_000)
