"""Which problems an environment asks: checked before anything is opened.

Precedence is that of the command: the argument, then the environment variable, then the default.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from livecodebench.dataset.filters import Filters
from livecodebench.dataset.hub import REPOSITORY
from livecodebench.dataset.opening import Dataset, check_dataset_name, open_dataset
from livecodebench.errors import InputError, quoted
from livecodebench.rewards.variables import setting

DEFAULT_RELEASE = "release_v5"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemChoice:
    """Which problems.

    Attributes:
        name: A dataset's name or file, as livecodebench.dataset.opening.open_dataset takes it.
        revision: Of a release; None for the pinned one.
        filters: What they must fulfil.
        shuffle_seed: Their order is random, the same for the same seed; None: the dataset's order.
        count: At most so many of them, the first in this order; None: all.

    Raises InputError where there can be no such dataset.
    """

    name: str
    revision: str | None = None
    filters: Filters
    shuffle_seed: int | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        check_dataset_name(self.name, revision=self.revision)
        if self.count is not None and (isinstance(self.count, bool) or self.count < 1):
            raise InputError(f"num_examples: must be 1 or more (None or -1: all), is {self.count}")

    def open(self) -> Dataset:
        """Open the dataset, in the order asked for. Raises InputError, DatasetError."""
        dataset = open_dataset(self.name, revision=self.revision, filters=self.filters)
        ids = list(dataset)
        if self.shuffle_seed is not None:
            random.Random(self.shuffle_seed).shuffle(ids)
        return Dataset(
            {question_id: dataset[question_id] for question_id in ids[: self.count]},
            name=dataset.name,
            revision=dataset.revision,
            filters=dataset.filters,
            known_ids=dataset.known_ids,
        )


def chosen_name(*, dataset: str | Path | None, name: str, version_tag: str | None) -> str:
    """The dataset that the arguments name: `dataset`, else the release, else the variable's, else release_v5.

    Args:
        dataset: Name or file.
        name: LiveCodeBench's repository on the hub; there is only this one.
        version_tag: A release of it.

    Raises:
        InputError: Another repository.
    """
    if dataset is not None:
        return str(dataset)
    if name != REPOSITORY:
        raise InputError(
            f"dataset_name: {quoted(name)} is not known, only {REPOSITORY} is: for a file, or the bundled dataset, give"
            " dataset=…"
        )
    return version_tag or setting("DATASET", DEFAULT_RELEASE)
