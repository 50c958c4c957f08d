"""The judgements of a run counted, each grading by itself, and the document of summary.json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livecodebench.results.disagreement import Disagreements
from livecodebench.results.plan import Plan
from livecodebench.results.record import Record
from livecodebench.results.summary import Cell, Tally, cells_of, summarise

_OF_THE_RUN = ("schema", "grading", "dataset", "sandbox")


class Tallies:
    """Counts judgements.

    Args:
        gradings: Those of the run; the figures at the top of a summary are the first one's.
    """

    def __init__(self, gradings: Sequence[str]) -> None:
        self._by_grading = {name: Tally(grading=name) for name in gradings}
        self._main = self._by_grading[gradings[0]]
        self._disagreements = Disagreements(gradings[0], gradings[1]) if len(gradings) == 2 else None

    @property
    def judged(self) -> int:
        """How many submissions have a verdict in every grading."""
        return min(tally.judged for tally in self._by_grading.values())

    def add(self, record: Record) -> bool:
        """Count a judgement; False where it is of a grading that the run does not have."""
        tally = self._by_grading.get(record.grading)
        if tally is None:
            return False
        tally.add(record)
        if self._disagreements is not None:
            self._disagreements.add(record)
        return True

    def cells(self, plan: Plan, *, grading: str, model: str | None) -> list[tuple[str, Cell]]:
        """What came of each problem of a model in one grading, by question_id."""
        return cells_of(plan, self._by_grading[grading], model)

    def summary(self, plan: Plan, *, dataset: Mapping[str, Any], sandbox: Mapping[str, Any] | None) -> dict[str, Any]:
        """The content of summary.json; see livecodebench.results.summary.summarise.

        Of two gradings there is, beside the first one's figures, "gradings" with those of each and "disagreements".
        """
        main = summarise(plan, self._main, dataset=dataset, sandbox=sandbox)
        if self._disagreements is None:
            return main
        documents = {
            name: summarise(plan, tally, dataset=dataset, sandbox=sandbox) for name, tally in self._by_grading.items()
        }
        return {
            **main,
            "complete": all(document["complete"] for document in documents.values()),
            "gradings": {
                name: {key: value for key, value in document.items() if key not in _OF_THE_RUN}
                for name, document in documents.items()
            },
            "disagreements": self._disagreements.as_json(),
        }


def errors_in(summary: Mapping[str, Any]) -> int:
    """How many submissions have no verdict because of an infrastructure error, in whichever grading it is most."""
    blocks: Mapping[str, Any] = summary.get("gradings", {"": summary})
    return max(int(block["errors"]) for block in blocks.values())
