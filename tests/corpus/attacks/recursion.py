# /// attack
# kind = "bomb"
# aim = "recurse without end, with the limit taken off"
# outcome = ["signal", "memory_limit", "nonzero_exit", "cpu_limit"]
# limits = { memory_bytes = 50_000_000 }
# needs_limits = true
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


for attempt in (lambda: down(0), lambda: repr(Deep())):
    try:
        attempt()
    except RecursionError:
        pass
raise MemoryError
