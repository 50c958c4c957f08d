"""Opening a dataset by name: the bundled one, a release, or a file. Names become files, files become Problems.

What a file may hold is `dataset_file`'s; where releases come from is `hub`'s, which is imported only when one is named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from livecodebench.dataset.file import read_dataset_file
from livecodebench.dataset.filters import Filters
from livecodebench.dataset.releases import shard_files
from livecodebench.errors import DatasetError, InputError, quoted
from livecodebench.problem import Problem

_RELEASE = re.compile(r"release_(v\d+|latest)|v\d+(_v\d+)?", re.ASCII)


class Dataset(Mapping[str, Problem]):
    """Problems by question_id, in the order of their files; private tests are decoded only when asked for.

    Attributes:
        name: As it was asked for.
        revision: A release's revision; of a file "sha256:" and its hash.
        filters: What was asked of its problems.
        known_ids: Of all problems in its files, those that the filters left out included.
    """

    def __init__(
        self, problems: Mapping[str, Problem], *, name: str, revision: str, filters: Filters, known_ids: Iterable[str]
    ) -> None:
        self._problems = dict(problems)
        self.known_ids = frozenset(known_ids)
        self.name = name
        self.revision = revision
        self.filters = filters

    def __getitem__(self, question_id: str) -> Problem:
        return self._problems[question_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._problems)

    def __len__(self) -> int:
        return len(self._problems)

    def __repr__(self) -> str:
        return f"<Dataset {self.name!r}: {len(self)} problems>"

    def as_json(self) -> dict[str, Any]:
        """The "dataset" of summary.json."""
        return {
            "name": self.name,
            "revision": self.revision,
            "filters": self.filters.as_json(),
            "problems": len(self),
        }

    def check_tests(self, question_ids: Iterable[str] | None = None) -> dict[str, int]:
        """Decode the tests of the given problems (None: of all) and drop them: finds damage before work starts.

        Returns how many characters the inputs of each problem's tests have. Costs what decoding costs. Raises
        DatasetError naming file, line and field.
        """
        return {
            question_id: sum(len(test.input) for test in self._problems[question_id].tests())
            for question_id in (self if question_ids is None else question_ids)
        }


def open_dataset(name: str | Path, *, revision: str | None = None, filters: Filters | None = None) -> Dataset:
    """Open a dataset: stream and check its files, keep the problems that the filters accept.

    Args:
        name: "mini"; a release ("release_v5", "release_latest", a shard "v4", a range "v4_v6"); or a .jsonl or
            .jsonl.gz file of the 11 official columns. A file with the name of a release is given as "./v4".
        revision: Of a release, on its hub; None: the pinned one.
        filters: Which problems to keep; None: all.

    Raises:
        DatasetError: A file is missing or damaged; names file, line and field.
        InputError: The name is unknown, an id of the filters is not in the dataset, or nothing is left.
    """
    filters = filters or Filters()
    collector = _Collector(filters)
    with _located(str(name), revision) as source:
        hashes = [collector.add(path) for path in source.files]
    filters.check_ids(collector.places, dataset=source.name)
    if not collector.problems:
        asked = json.dumps(filters.as_json(), ensure_ascii=False)
        raise InputError(
            f"{source.name}: none of its {len(collector.places)} problems passes {asked}: widen the filters"
        )
    return Dataset(
        collector.problems,
        name=source.name,
        revision=source.revision or f"sha256:{hashes[0]}",
        filters=filters,
        known_ids=collector.places,
    )


def check_dataset_name(name: str | Path, *, revision: str | None = None) -> None:
    """Find out whether there can be such a dataset, without opening or fetching anything.

    Raises:
        InputError: There is no such file or release, or a revision is given for something that has none.
    """
    text = str(name)
    if _RELEASE.fullmatch(text):
        shard_files(text)
        return
    with _located(text, revision) as source:
        for path in source.files:
            if not path.exists():
                raise DatasetError(f"--dataset: there is no file {path}: check the name")


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    files: tuple[Path, ...]
    revision: str | None = None


@contextmanager
def _located(name: str, revision: str | None) -> Iterator[_Source]:
    """Find the files of a dataset; they need not outlive the context."""
    if _RELEASE.fullmatch(name):
        from livecodebench.dataset.hub import fetch_release  # only where it is needed: it brings the hub's client

        release = fetch_release(name, revision)
        yield _Source(release.name, release.files, release.revision)
        return
    if revision is not None:
        raise InputError(f"--dataset-revision: only releases have revisions, {quoted(name)} is none: leave it out")
    if name == "mini":
        with as_file(files("livecodebench") / "data" / "mini" / "problems.jsonl") as path:
            yield _Source(name, (path,))
        return
    if not Path(name).suffix and not Path(name).exists():
        raise InputError(
            f"--dataset: {quoted(name)} is neither mini nor a release (release_v5, v4, v4_v6, …) nor a file"
        )
    yield _Source(name, (Path(name),))


class _Collector:
    """Gathers what is wanted, over all files of a dataset.

    Attributes:
        places: File and line of every problem met, by question_id.
        problems: Those kept.
    """

    def __init__(self, filters: Filters) -> None:
        self._filters = filters
        self._wanted = 0
        self.places: dict[str, str] = {}
        self.problems: dict[str, Problem] = {}

    def add(self, path: Path) -> str:
        """Read a file; return its hash."""
        file = read_dataset_file(path, wanted=self._wants)
        self.problems.update((problem.question_id, problem) for problem in file.problems)
        return file.sha256

    def _wants(self, problem: Problem, place: str) -> bool:
        earlier = self.places.setdefault(problem.question_id, place)
        if earlier != place:
            raise DatasetError(
                f"{place}: question_id: {quoted(problem.question_id)} is also at {earlier}: each must be unique"
            )
        wanted = self._filters.accepts(problem) and (self._filters.first is None or self._wanted < self._filters.first)
        self._wanted += wanted
        return wanted
