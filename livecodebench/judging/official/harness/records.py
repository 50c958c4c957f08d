"""What the harness tells the judge: a JSON line after each test, so that a killed process leaves the earlier ones."""

import json
import os
from typing import Any

ENCODE = json.JSONEncoder().encode
_LONGEST_TEXT = 1 << 20  # characters of an exception's text


class Out:
    """Where the records go: a descriptor that the candidate is not told of.

    Attributes:
        mark: The number that stands where the grader has expected outputs.
    """

    def __init__(self) -> None:
        self.mark = ""
        self._descriptor = self._budget = 0
        self._write = os.write

    def open(self, *, budget: int, mark: str) -> None:
        """Take the process' standard output; what is written there from now on goes to standard error.

        Args:
            budget: Bytes of output that all records together may hold; what goes beyond is cut.
            mark: See above.
        """
        self._descriptor = os.dup(1)
        os.dup2(2, 1)
        self._budget, self.mark = budget, mark

    def put(self, kind: str, **fields: object) -> None:
        """Write a record."""
        data = ENCODE({"kind": kind, **fields}).encode() + b"\n"
        while data:
            data = data[self._write(self._descriptor, data) :]

    def output(self, text: str) -> dict[str, object]:
        """What a candidate answered, as fields of a record: whole, or its ends where there is no room."""
        self._budget -= len(text) * (2 if text.isascii() else 6)  # what JSON makes of it, at most
        if self._budget >= 0:
            return {"output": text}
        return {"cut": [text[:1000], text[-1000:]]}


OUT = Out()


class Results(list[Any]):
    """The list that the grader's parent process reads the result from; the harness itself never touches it."""

    def _told(self, *args: object, **kwargs: object) -> None:
        OUT.put("cheat", what="results")

    append = extend = insert = __setitem__ = __iadd__ = _told  # type: ignore[assignment]


def truncatefn(s: object, length: int = 300) -> str:
    """A text, or what str() makes of a value, shortened in the middle as metadata has it."""
    text = s if isinstance(s, str) else str(s)
    if len(text) <= length:
        return text
    return text[: length // 2] + "...(truncated) ..." + text[-length // 2 :]


def described(error: BaseException) -> str:
    """The repr of an exception, bounded."""
    return repr(error)[:_LONGEST_TEXT]
