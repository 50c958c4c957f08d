# /// attack
# kind = "bomb"
# aim = "match an expression that takes for ever, in C, deaf to signals"
# outcome = "cpu_limit"
# limits = { cpu_s = 0.3 }
# ///
import re
import signal

signal.signal(signal.SIGXCPU, signal.SIG_IGN)
re.match(r"(a+)+(b|a*)*$", "a" * 200 + "c")
