# /// attack
# kind = "reward"
# aim = "write the report of a returned value oneself, several times over, and leave before the harness writes it"
# outcome = "exited"
# function = "answer"
# verdict = "wrong_answer"
# ///
import os


def answer(given):
    for report in (b"Vtrue", b'V{"$r": "anything"}', b"V" + repr(given["expected_backwards"]).encode(), b"Vnull"):
        os.ftruncate(3, 0)
        os.pwrite(3, report, 0)
    os._exit(0)
