"""The results folder of `evaluate`: verdicts as `grade` keeps them, and the completions beside them.

DIR/completions.jsonl, DIR/generations.jsonl   (livecodebench.evaluation.generation_store)
summary.json has "generation" in addition: answers, tokens, cost
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from livecodebench.evaluation.generation_store import COMPLETIONS, GENERATIONS, GenerationStore
from livecodebench.evaluation.generation_totals import Prices
from livecodebench.files.durable import writing
from livecodebench.results.folder import ResultsFolder
from livecodebench.results.plan import Plan


class EvaluationFolder(ResultsFolder):
    """Verdicts and completions that outlive the process.

    Attributes:
        store: The completions.
    """

    def __init__(
        self,
        folder: Path,
        *,
        fingerprint: Mapping[str, Any],
        plan: Plan,
        overwrite: bool = False,
        prices: Prices | None = None,
    ) -> None:
        """Start in a new or empty folder, or resume; see ResultsFolder.

        Raises:
            InputError: The folder is in use, holds another run, or is not ours.
            OutputError: It cannot be written.
        """
        super().__init__(folder, fingerprint=fingerprint, plan=plan, overwrite=overwrite)
        self._prices = prices
        with ExitStack() as opened:
            opened.callback(super().close)
            self.store = opened.enter_context(GenerationStore(folder))
            self._both = opened.pop_all()

    def summary(self) -> dict[str, Any]:
        """The document of summary.json, as things stand."""
        generation = self.store.totals.as_json(samples=self.run.plan.submissions, prices=self._prices)
        return {**super().summary(), "generation": generation}

    def close(self) -> None:
        """Put everything on the disk and let go of the folder; may be called twice."""
        self._both.close()

    def _clear(self) -> None:
        # Before run.json goes, so that no other run can take these for its own.
        with writing(self.folder):
            for name in (COMPLETIONS, GENERATIONS):
                (self.folder / f".{name}.tmp").unlink(missing_ok=True)
                (self.folder / name).unlink(missing_ok=True)
        super()._clear()
