# /// attack
# kind = "bomb"
# aim = "recurse without end, with the limit taken off"
# outcome = ["signal", "memory_limit", "nonzero_exit"]
# ///
import sys

sys.setrecursionlimit(2**31 - 1)


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x"[:0])

    def __repr__(self):
        return repr(self)

    def __eq__(self, other):
        return other == self


def down(depth):
    return down(depth + 1) + 1


for attempt in (lambda: down(0), lambda: Deep().anything, lambda: repr(Deep()), lambda: Deep() == Deep()):
    try:
        attempt()
    except RecursionError:
        pass
raise MemoryError
