"""Which problem does a prompt ask about? Found by the statement in it, so that any style of prompt will do.

All whitespace counts as one space: styles strip, indent and re-wrap. A prompt may hold more than one statement (solved
examples come first), so the last one counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from livecodebench.errors import InputError
from livecodebench.problem import Problem

_HEAD = 48  # characters of a statement by which it is looked up; every statement of LiveCodeBench is longer


class _Span(NamedTuple):
    start: int
    end: int
    question_id: str


class ProblemIndex:
    """Statements, looked up by how they begin."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._by_head: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        self._short: list[tuple[str, str]] = []
        for problem in problems:
            content = _normalised(problem.content)
            if not content:
                raise InputError(
                    f"problem {problem.question_id}: question_content is empty, so no prompt can be matched to it; "
                    "leave it out with --ids"
                )
            entry = (content, problem.question_id)
            if len(content) < _HEAD:
                self._short.append(entry)
            else:
                self._by_head[content[:_HEAD]].append(entry)

    def find(self, prompt: str) -> str | None:
        """The question_id of the last statement in the prompt; None where there is none.

        Where one statement is part of another, the longer one counts.
        """
        text = _normalised(prompt)
        spans = [*self._long_spans(text), *self._short_spans(text)]
        whole = [span for span in spans if not any(_inside(span, other) for other in spans)]
        return max(whole).question_id if whole else None

    def _long_spans(self, text: str) -> Iterable[_Span]:
        for start in range(len(text) - _HEAD + 1):
            for content, question_id in self._by_head.get(text[start : start + _HEAD], ()):
                if text.startswith(content, start):
                    yield _Span(start, start + len(content), question_id)

    def _short_spans(self, text: str) -> Iterable[_Span]:
        for content, question_id in self._short:
            start = text.rfind(content)
            if start >= 0:
                yield _Span(start, start + len(content), question_id)


def text_of(messages: Sequence[Mapping[str, object]]) -> str:
    """All that the messages say, in order; content may be a string or a list of parts with text."""
    return "\n".join(part for message in messages for part in _parts(message.get("content")))


def _parts(content: object) -> list[str]:
    if isinstance(content, str):
        return [content]
    if not isinstance(content, list):
        return []
    texts = [part.get("text") for part in content if isinstance(part, dict)]
    return [text for text in texts if isinstance(text, str)]


def _inside(span: _Span, other: _Span) -> bool:
    longer = other.end - other.start > span.end - span.start
    return longer and other.start <= span.start and span.end <= other.end


def _normalised(text: str) -> str:
    return " ".join(text.split())
