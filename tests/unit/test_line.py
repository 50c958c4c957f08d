"""Work in line: first come first served, the ready before those who must start something, and nobody forgotten."""

from __future__ import annotations

import threading
import time

from lcb_ray.line import Line

LONG_S = 60.0


class Worker(threading.Thread):
    """Takes until the line is closed."""

    def __init__(self, line, *, ready):
        super().__init__(daemon=True)
        self._line = line
        self._ready = ready
        self.took = []
        if ready:
            line.announce()
        self.start()

    def run(self):
        while (item := self._line.take(announced=self._ready)) is not None:
            self.took.append(item)
            if self._ready:
                self._line.announce()


def until(condition):
    end = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0)


def test_first_come_first_served():
    line = Line()
    for number in range(5):
        line.put(number)
    assert [line.take(announced=False) for _ in range(5)] == [0, 1, 2, 3, 4]


def test_the_ready_go_before_the_cold():
    line = Line()
    cold = [Worker(line, ready=False) for _ in range(3)]
    ready = Worker(line, ready=True)
    for number in range(50):
        line.put(number)
        until(lambda expected=number + 1: len(ready.took) == expected)
    assert ready.took == list(range(50))
    assert not any(worker.took for worker in cold)
    line.close()


def test_what_exceeds_the_ready_wakes_the_cold():
    line = Line()
    line.announce()  # one who will come, and has not yet
    cold = Worker(line, ready=False)
    line.put("first")
    line.put("second")
    until(lambda: cold.took)
    assert cold.took == ["first"]
    assert line.take(announced=True) == "second"
    line.close()


def test_nothing_is_lost_between_many():
    line = Line()
    workers = [Worker(line, ready=number % 2 == 0) for number in range(8)]

    def bring(part):
        for number in range(part, 2000, 4):
            line.put(number)

    bringers = [threading.Thread(target=bring, args=(part,)) for part in range(4)]
    for one in bringers:
        one.start()
    for one in bringers:
        one.join()
    until(lambda: sum(len(worker.took) for worker in workers) == 2000)
    assert sorted(item for worker in workers for item in worker.took) == list(range(2000))
    line.close()
    for worker in workers:
        worker.join(LONG_S)
        assert not worker.is_alive()


def test_a_closed_line_gives_back_what_is_left_and_then_nothing():
    line = Line()
    line.put("left")
    assert line.close() == ["left"]
    assert line.close() == []
    assert line.take(announced=False) is None
    line.announce()
    assert line.take(announced=True) is None
