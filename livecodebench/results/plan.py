"""What a run is to judge: how many samples of which model for which problem, and the facts that a score is split by.

It is kept in the results folder, so that a report needs neither the dataset nor the generations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from livecodebench.errors import InputError
from livecodebench.problem import Problem

# How a summary, a table and a folder name the model of submissions that name none.
UNNAMED = "null"


class ProblemFacts(NamedTuple):
    """What a score is split by.

    Attributes:
        difficulty: "easy", "medium" or "hard".
        platform: "leetcode", "atcoder" or "codeforces".
        month: Of the contest, "2024-05".
    """

    difficulty: str
    platform: str
    month: str

    @classmethod
    def of(cls, problem: Problem) -> ProblemFacts:
        """The facts of a problem."""
        return cls(str(problem.difficulty), str(problem.platform), problem.contest_date.strftime("%Y-%m"))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to judge.

    Attributes:
        dataset_problems: How many problems the dataset has, with the filters applied.
        problems: The facts of those with a submission.
        samples: How many submissions each model has for each problem: model, then question_id.
    """

    dataset_problems: int
    problems: Mapping[str, ProblemFacts]
    samples: Mapping[str | None, Mapping[str, int]]

    @classmethod
    def of(
        cls,
        keys: Iterable[tuple[str | None, str]],
        problems: Mapping[str, Problem],
        *,
        models: Iterable[str | None] = (),
    ) -> Plan:
        """Count submissions.

        Args:
            keys: The (model, question_id) of each.
            problems: The dataset.
            models: In which order reports name them; by default as they come in `keys`.

        Raises:
            InputError: Reports could not tell two models apart.
        """
        samples: dict[str | None, dict[str, int]] = {model: {} for model in models}
        for model, question_id in keys:
            of_model = samples.setdefault(model, {})
            of_model[question_id] = of_model.get(question_id, 0) + 1
        if None in samples and UNNAMED in samples:
            raise InputError(
                f'a model is called "{UNNAMED}" and other entries name no model: reports could not tell them apart; '
                'give every entry a "model"'
            )
        asked = sorted({question_id for of_model in samples.values() for question_id in of_model})
        facts = {question_id: ProblemFacts.of(problems[question_id]) for question_id in asked}
        return cls(dataset_problems=len(problems), problems=facts, samples=samples)

    @property
    def submissions(self) -> int:
        """How many there are in all."""
        return sum(sum(of_model.values()) for of_model in self.samples.values())

    def holds(self, key: tuple[str | None, str, int]) -> bool:
        """Whether a (model, question_id, sample) belongs to it."""
        model, question_id, sample = key
        return sample < self.samples.get(model, {}).get(question_id, 0)

    def as_json(self) -> dict[str, Any]:
        """For run.json."""
        return {
            "dataset_problems": self.dataset_problems,
            "problems": {question_id: facts._asdict() for question_id, facts in self.problems.items()},
            "samples": [{"model": model, "problems": dict(counts)} for model, counts in self.samples.items()],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plan:
        """Read back what `as_json` gave. Raises KeyError, TypeError or ValueError where it is something else."""
        return cls(
            dataset_problems=int(value["dataset_problems"]),
            problems={str(question_id): ProblemFacts(**facts) for question_id, facts in value["problems"].items()},
            samples={
                entry["model"]: {str(question_id): int(n) for question_id, n in entry["problems"].items()}
                for entry in value["samples"]
            },
        )
