# /// attack
# kind = "bomb"
# aim = "use memory by one call that asks for all of it at once, and survive the refusals"
# outcome = ["memory_limit", "cpu_limit"]  # where the kernel is slow to refuse
# needs_limits = true
# ///
import itertools
import sys

for attempt in (
    lambda: bytearray(10**12),
    lambda: [0] * 10**11,
    lambda: "x" * sys.maxsize,
    lambda: 1 << 10**12,
    lambda: list(itertools.product(range(100), repeat=8)),
):
    try:
        attempt()
    except (MemoryError, OverflowError):
        pass
kept = []
while True:
    kept.append(list(range(100_000)))
