# /// attack
# kind = "reward"
# aim = "print millions of lines, of words, and bytes that are no text"
# outcome = "exited"
# expected = "1\n2\n3"
# verdict = "wrong_answer"
# stdout = "*"
# ///
import sys

sys.stdout.buffer.write(
    b"\n" * 1_000_000 + b" 1" * 500_000 + b"\n\xff\xfe\x00\xed\xa0\x80\n" + "\u0661\u2028\x0b\x1c".encode() * 1000
)
sys.stdout.buffer.flush()
