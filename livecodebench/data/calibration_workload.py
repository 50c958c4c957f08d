"""What is timed for --calibrate: a mixture of what contest programs spend their time on. Changing it changes scores."""

from collections import defaultdict
from heapq import heappop, heappush


class Node:
    """A link of a chain."""

    def __init__(self, key: int) -> None:
        self.key = key
        self.next: Node | None = None


def sieve(n: int) -> int:
    """Lists of flags, nested loops."""
    prime = [True] * (n + 1)
    for i in range(2, int(n**0.5) + 1):
        if prime[i]:
            for j in range(i * i, n + 1, i):
                prime[j] = False
    return sum(prime)


def knapsack(n: int) -> int:
    """A table filled in place."""
    best = [0] * (n + 1)
    for weight in range(1, 60):
        value = weight * weight % 37 + 1
        for room in range(n, weight - 1, -1):
            if best[room - weight] + value > best[room]:
                best[room] = best[room - weight] + value
    return best[n]


def shortest(n: int) -> int:
    """Tuples on a heap."""
    far = [10**9] * n
    far[0] = 0
    heap = [(0, 0)]
    while heap:
        distance, here = heappop(heap)
        if distance > far[here]:
            continue
        for step in (1, 7, 31):
            there, length = (here * step + step) % n, (here * 13 + step) % 97 + 1
            if distance + length < far[there]:
                far[there] = distance + length
                heappush(heap, (distance + length, there))
    return sum(distance for distance in far if distance < 10**9)


def fibonacci(n: int) -> int:
    """Calls."""
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def words(n: int) -> int:
    """Texts and a dictionary."""
    count: defaultdict[str, int] = defaultdict(int)
    for i in range(n):
        count["".join(sorted(str(i * 7919 % 100003)))] += 1
    return len(count)


def chain(n: int) -> int:
    """Objects and their attributes."""
    first = last = Node(0)
    for i in range(1, n):
        last.next = Node(i * i % 101)
        last = last.next
    total = 0
    node: Node | None = first
    while node is not None:
        total += node.key
        node = node.next
    return total


if __name__ == "__main__":
    found = sieve(200_000), knapsack(4_000), shortest(20_000), fibonacci(25), words(30_000), chain(40_000)
    print("done" if found == (17986, 1153, 6076661, 75025, 2834, 1999814) else found)  # noqa: T201
