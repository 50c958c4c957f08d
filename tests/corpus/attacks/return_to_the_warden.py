# /// attack
# kind = "reward"
# aim = "not end where one must: go back up the stack into the code of the warden, and go on as it"
# outcome = ["exited", "nonzero_exit", "signal"]
# stdout = ""
# limits = { cpu_s = 0.5 }
# ///
import os
import sys
import threading

for name in ("_exit", "abort"):
    setattr(os, name, lambda *_: None)
sys.exit = lambda *_: None
threading._shutdown = lambda: None
frame = sys._getframe()
while frame is not None:
    for name in ("_finish", "_last_words"):
        if name in frame.f_globals:
            frame.f_globals[name] = lambda *_, **__: None
    frame = frame.f_back
