# /// cheat
# problem = "slow_call"
# how = "blocks the alarm's signal"
# traces = ["time"]
# ///
import signal
import time


class Solution:
    def answer(self, x):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        time.sleep(3.2)
        return 2 * x
