"""Many submissions through a judge, a bounded number at a time. Prints nothing, and catches no signal itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Protocol

from livecodebench.submission import Submission
from livecodebench.verdict import Judgement


class Judge(Protocol):
    """What judges: livecodebench.judging.judge.Judge."""

    def submit(self, submission: Submission) -> Future[Judgement]:
        """Queue a submission."""
        ...


class Judging:
    """Submits with bounded look-ahead and hands out judgements as they come, in the caller's thread.

    Args:
        judge: Judges.
        window: Submissions with the judge at once: enough to keep its slots busy, few enough to hold in memory.
    """

    def __init__(self, judge: Judge, *, window: int) -> None:
        self._judge = judge
        self._window = window
        # SimpleQueue.put may be called by a signal handler that interrupts a put or a get.
        self._ended: SimpleQueue[Future[Judgement] | None] = SimpleQueue()
        self._stopped = False

    def stop(self) -> None:
        """Make `run` return soon, with what is under way cancelled. For signal handlers and other threads."""
        self._stopped = True
        self._ended.put(None)

    def run(self, submissions: Iterable[Submission], keep: Callable[[Judgement], None]) -> bool:
        """Judge all; False where it was stopped before the end.

        Args:
            submissions: Taken one by one, as there is room. Neighbours that answer the same problem share its tests.
            keep: Gets each judgement, in any order.

        What `keep`, the judge or its futures raise is raised here, with everything under way cancelled.
        """
        waiting = iter(submissions)
        under_way: set[Future[Judgement]] = set()
        try:
            while not self._stopped:
                while len(under_way) < self._window and (submission := next(waiting, None)) is not None:
                    future = self._judge.submit(submission)
                    under_way.add(future)
                    future.add_done_callback(self._ended.put)
                if not under_way:
                    return True
                ended = self._ended.get()
                if ended is not None:
                    under_way.remove(ended)
                    keep(ended.result())
            self._keep_what_ended(under_way, keep)
            return False
        finally:
            for future in under_way:
                future.cancel()

    def _keep_what_ended(self, under_way: set[Future[Judgement]], keep: Callable[[Judgement], None]) -> None:
        """After a stop: what was already judged is not thrown away."""
        while not self._ended.empty():
            ended = self._ended.get()
            if ended is not None and not ended.cancelled():
                under_way.remove(ended)
                keep(ended.result())
