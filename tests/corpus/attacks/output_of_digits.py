# /// attack
# kind = "reward"
# aim = "print numbers of millions of digits in the place of small ones"
# outcome = "exited"
# expected = "1 2 3"
# verdict = "wrong_answer"
# stdout = "*"
# ///
import sys

digits = "9" * 1_000_000
sys.stdout.write(f"{digits} 0.{digits} {digits}e{digits[:9]}")
