"""Checkers of single problems: those known to admit several answers or a tolerance, and no others.

`livecodebench/data/checkers.json` says which problem has which checker, with the reason and the source. One module per
checker, each a pure function: of the answer, the reference and the input for printed output, of the decoded value and
the reference for a returned one. There is no blanket tolerance: without an entry, the standard comparison decides.
"""

from livecodebench.judging.checkers.selection import Checker, checker_for, known_issue

__all__ = ["Checker", "checker_for", "known_issue"]
