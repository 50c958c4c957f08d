# /// cheat
# problem = "secret"
# how = "reads the main thread's stack from another thread"
# traces = ["answer"]
# ///
import sys
import threading


def look():
    frame = sys._current_frames()[threading.main_thread().ident]
    while "gt_out" not in frame.f_locals:
        frame = frame.f_back
    found.append(frame.f_locals["gt_out"])


found = []
thread = threading.Thread(target=look)
thread.start()
thread.join()
print(found[0])
