"""Generating and judging at the same time: each completion is judged as soon as it is stored.

Neither half waits for the other: requests are bounded by their number, judging by its own, and what lies between is a
queue of names. A sample without a completion becomes an error, never a score. Printing is the command's work.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from livecodebench.answers.extraction import extract
from livecodebench.evaluation.asking import Asker
from livecodebench.evaluation.generation_store import GenerationStore, Key
from livecodebench.evaluation.outage import Outage
from livecodebench.judging.judges import Asked
from livecodebench.judging.stream import Judge
from livecodebench.model_client.errors import ModelError, ModelRefused
from livecodebench.problem import Problem
from livecodebench.results.record import Key as Submitted
from livecodebench.submission import Submission
from livecodebench.verdict import Judgement, JudgementError


class Results(Protocol):
    """Where judgements are kept: `livecodebench.results.results.Results`."""

    done: set[Submitted]

    def missing(self, key: Submitted) -> tuple[str, ...]:
        """The gradings in which a submission has no verdict."""
        ...

    def append(self, judgement: Judgement) -> None:
        """Keep a judgement. Raises OutputError."""
        ...


@dataclass(slots=True)
class Standing:
    """How far a run is, both halves.

    Attributes:
        samples: Completions wanted, in all.
        stored: Of them, those that an earlier session had brought.
        asking: Requests under way.
        answered: Completions that came in this session.
        failed: Samples that got no completion in this session.
        judged: Verdicts, earlier ones included.
        passed: Of this session's verdicts, the accepted ones.
        errors: Submissions that the sandbox failed in this session.
    """

    samples: int
    stored: int = 0
    asking: int = 0
    answered: int = 0
    failed: int = 0
    judged: int = 0
    passed: int = 0
    errors: int = 0


class Evaluation:
    """One model on some problems. Runs once."""

    def __init__(
        self,
        problems: Iterable[Problem],
        *,
        samples: int,
        asker: Asker,
        rule: str,
        judge: Judge,
        store: GenerationStore,
        results: Results,
        concurrent_requests: int = 32,
        concurrent_judgements: int = 64,
        on_change: Callable[[Standing], None] = lambda standing: None,
    ) -> None:
        """Put a run together.

        Args:
            problems: What to ask.
            samples: How many completions of each.
            asker: Asks the model.
            rule: Of extraction.
            judge: Judges programs.
            store: Has the completions of earlier sessions, gets the new ones.
            results: Has the verdicts of earlier sessions, gets the new ones.
            concurrent_requests: The most at once.
            concurrent_judgements: The most that are with the judge at once.
            on_change: Called after each event, in the event loop: be quick.
        """
        self._problems = {problem.question_id: problem for problem in problems}
        self._asker = asker
        self._rule = rule
        self._judge = judge
        self._store = store
        self._results = results
        self._requests = concurrent_requests
        self._judgements = concurrent_judgements
        self._on_change = on_change
        self._outage = Outage()
        self._counted: dict[str, int] = {}  # decoding tests to count them takes long
        self._to_ask: deque[Key] = deque()
        self._to_judge: asyncio.Queue[Key | None] = asyncio.Queue()
        self.standing = Standing(len(self._problems) * samples)
        for key in ((question_id, sample) for question_id in self._problems for sample in range(samples)):
            self._sort(key)

    async def run(self) -> None:
        """Ask and judge what is left.

        Raises:
            ModelRefused: The API refused everything; nothing was asked for in vain but the first requests.
            OutputError: A completion or a judgement cannot be written.
            DatasetError: The tests of a problem are damaged. The judge's own bugs are raised as well.
        """
        try:
            async with asyncio.TaskGroup() as both:
                judging = [both.create_task(self._judge_all()) for _ in range(self._judgements)]
                async with asyncio.TaskGroup() as asking:
                    for _ in range(min(self._requests, len(self._to_ask))):
                        asking.create_task(self._ask_all())
                for _ in judging:
                    self._to_judge.put_nowait(None)
        except BaseExceptionGroup as group:
            raise _first(group) from None
        if refusal := self._outage.nothing_works:
            raise refusal

    def _sort(self, key: Key) -> None:
        """Find out what is left to do for a sample."""
        done = (self._asker.model, *key) in self._results.done
        self.standing.stored += key in self._store
        self.standing.judged += done
        if done:
            return
        if key in self._store:
            self._to_judge.put_nowait(key)
        else:
            self._to_ask.append(key)

    async def _ask_all(self) -> None:
        while self._to_ask and not self._outage.nothing_works:
            key = self._to_ask.popleft()
            if (reason := self._outage.reason) is None:
                await self._ask(key)
            else:
                self._give_up(key, f"not asked, since the API failed before: {reason}", attempts=0)

    async def _ask(self, key: Key) -> None:
        question_id, sample = key
        self.standing.asking += 1
        try:
            completion = await self._asker.ask(self._problems[question_id], sample)
        except (ModelError, ModelRefused) as error:
            self._outage.failed(error)
            if not self._outage.nothing_works:
                self._give_up(key, str(error), attempts=error.attempts if isinstance(error, ModelError) else 1)
            return
        finally:
            self.standing.asking -= 1
        self._outage.answered()
        self._store.add(key, completion)
        self._to_judge.put_nowait(key)
        self.standing.answered += 1
        self._on_change(self.standing)

    def _give_up(self, key: Key, message: str, *, attempts: int) -> None:
        question_id, sample = key
        error = JudgementError(type="ModelError", message=message, attempts=attempts)
        for grading in self._results.missing((self._asker.model, *key)):
            self._results.append(
                Judgement(
                    model=self._asker.model,
                    question_id=question_id,
                    sample=sample,
                    grading=grading,
                    verdict=None,
                    error=error,
                    tests_total=len(self._problems[question_id].tests()),
                )
            )
        self.standing.failed += 1
        self._on_change(self.standing)

    async def _judge_all(self) -> None:
        while (key := await self._to_judge.get()) is not None:
            question_id, sample = key
            code = extract(self._store.get(key).text, self._rule).code
            submission = Submission(question_id, code, self._asker.model, sample)
            judgements = [await self._judged(submission, name) for name in self._results.missing(submission.key)]
            self.standing.judged += all(judgement.error is None for judgement in judgements)
            self.standing.passed += judgements[0].passed is True
            self.standing.errors += any(judgement.error is not None for judgement in judgements)
            self._on_change(self.standing)

    async def _judged(self, submission: Submission, grading: str) -> Judgement:
        judgement = await asyncio.wrap_future(self._judge.submit(Asked.of(submission, grading)))
        self._results.append(judgement)
        return judgement


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What went wrong first; the other tasks failed of the same cause, or were cancelled."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
