"""How sure a score is, given that the problems are a sample of those that could have been asked."""

from __future__ import annotations

from math import sqrt

_Z95 = 1.959963984540054  # the standard normal's 97.5 % point


def wilson(share: float, trials: int) -> list[float]:
    """Wilson's 95 % score interval [low, high] of a share, 0 to 1, seen in so many trials.

    The trials are problems, not submissions: answers to one problem stand or fall together. With several samples a
    problem the interval is on the wide side, since a mean of samples varies less than one sample does.
    Unlike share ± 1.96 standard errors it is neither empty at 0 and 1 nor outside of them.
    """
    square = _Z95 * _Z95
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = _Z95 * sqrt(share * (1 - share) / trials + square / (4 * trials * trials)) / (1 + square / trials)
    return [max(0.0, middle - half) if share > 0 else 0.0, min(1.0, middle + half) if share < 1 else 1.0]
