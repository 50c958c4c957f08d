"""One run of `evaluate`, without its words: what is asked how, where it is kept, and both halves set going."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lcb_ray.agent.protocol import Limits
from lcb_ray.pool import Pool
from livecodebench.answers.extraction import ExtractionRule
from livecodebench.dataset.opening import Dataset
from livecodebench.distribution import our_version
from livecodebench.evaluation.asking import Asker
from livecodebench.evaluation.engine import Evaluation, Standing
from livecodebench.evaluation.folder import EvaluationFolder
from livecodebench.evaluation.generation_store import GENERATIONS
from livecodebench.evaluation.generation_totals import Prices
from livecodebench.judging.calibration import calibrate
from livecodebench.judging.gradings import STANDARD
from livecodebench.judging.judges import Judges
from livecodebench.model_client.connection import Connection
from livecodebench.model_client.sampling import Sampling
from livecodebench.prompts import Endpoint, Style
from livecodebench.results.fingerprint import calibration_json, limits_json
from livecodebench.results.plan import Plan

_LOOK_AHEAD = 4  # submissions with the judge for each slot: the next is there when one ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that decides what a model answers and what verdict that gets.

    Attributes:
        model: Its name, as the API knows it.
        samples: Completions of each problem.
        style: The prompts.
        endpoint: Where raw prompts are sent.
        sampling: The parameters.
        rule: Of extraction.
        replay_sha256: Of the file that is replayed; None where a model is asked.
        grading: One of livecodebench.judging.gradings.
        all_tests: Run every test instead of stopping at the first that fails.
        limits: For each test.
        calibrated: Whether time limits are in the reference machine's seconds.
    """

    model: str
    samples: int
    style: Style
    endpoint: Endpoint
    sampling: Sampling
    rule: ExtractionRule
    replay_sha256: str | None = None
    grading: str = STANDARD
    all_tests: bool = False
    limits: Limits = field(default_factory=Limits)
    calibrated: bool = False

    def fingerprint(self, dataset: Dataset) -> dict[str, Any]:
        """What a resumed run must agree on; not the address, which may change from session to session."""
        described = dataset.as_json()
        return {
            "dataset": {name: described[name] for name in ("name", "revision", "filters")},
            "model": self.model,
            "samples": self.samples,
            "style": self.style.name,
            "endpoint": str(self.endpoint),
            "sampling": self.sampling.as_json(),
            "replay_sha256": self.replay_sha256,
            "extraction": str(self.rule),
            "grading": self.grading,
            "all_tests": self.all_tests,
            "limits": limits_json(self.limits),
            **calibration_json(self.calibrated),
            "version": our_version(),
        }


class EvaluationRun:
    """A model, problems and a way to ask and judge."""

    def __init__(self, problems: Dataset, settings: Settings) -> None:
        self.problems = problems
        self.settings = settings
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopped = False

    def open_folder(self, folder: Path, *, overwrite: bool = False, prices: Prices | None = None) -> EvaluationFolder:
        """Where completions and verdicts go; resumed where it holds this run. Raises InputError, OutputError."""
        keys = ((self.settings.model, name) for name in self.problems for _ in range(self.settings.samples))
        plan = Plan.of(keys, self.problems)
        fingerprint = self.settings.fingerprint(self.problems)
        return EvaluationFolder(folder, fingerprint=fingerprint, plan=plan, overwrite=overwrite, prices=prices)

    def waiting(self, folder: EvaluationFolder) -> set[str]:
        """The problems with a sample that has no verdict."""
        model, samples = self.settings.model, range(self.settings.samples)
        return {name for name in self.problems if any((model, name, sample) not in folder.done for sample in samples)}

    def start(self, pool: Pool, folder: EvaluationFolder) -> Judges:
        """The judges of what will be answered, on a pool that is measured before where that was asked for.

        Raises:
            SandboxError: No sandbox can be had.
            OutputError: The folder cannot be written.
        """
        settings, info = self.settings, pool.info()
        calibration = calibrate(pool) if settings.calibrated else None
        folder.start_session(info, calibration)
        return Judges(
            pool,
            self.problems,
            gradings=folder.gradings,
            all_tests=settings.all_tests,
            limits=settings.limits,
            calibration=calibration,
        )

    def work(
        self,
        folder: EvaluationFolder,
        judges: Judges,
        connection: Connection,
        *,
        on_change: Callable[[Standing], None] = lambda standing: None,
    ) -> None:
        """Ask and judge what is left, until it is done or `stop` is called.

        Raises:
            ModelRefused: The API refuses every request.
            OutputError: Results cannot be written.
            DatasetError: The tests of a problem are damaged.
        """
        with suppress(asyncio.CancelledError):
            asyncio.run(self._work(folder, judges, connection, on_change))

    def stop(self) -> None:
        """Make `work` return soon: what is under way is cancelled, what is stored is kept. For signal handlers."""
        self._stopped = True
        if self._loop is not None and self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)

    def finish(self, folder: EvaluationFolder) -> dict[str, Any]:
        """Write generations.jsonl, summary.json and, where all is judged, the official files; returns the summary.

        Raises:
            OutputError: They cannot be written.
        """
        rule = self.settings.rule
        folder.store.write_generations(self.settings.model, self.problems, rule=rule)
        summary = folder.write_summary()
        if summary["complete"]:
            folder.write_official_files(self.problems, generations=folder.folder / GENERATIONS, rule=rule)
        return summary

    async def _work(
        self,
        folder: EvaluationFolder,
        judges: Judges,
        connection: Connection,
        on_change: Callable[[Standing], None],
    ) -> None:
        # Imported here: building a run needs no HTTP.
        from livecodebench.model_client.client import ModelClient

        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        if self._stopped:
            return
        settings = self.settings
        async with ModelClient(connection) as client:
            evaluation = Evaluation(
                self.problems.values(),
                samples=settings.samples,
                asker=Asker(
                    client=client,
                    model=settings.model,
                    style=settings.style,
                    endpoint=settings.endpoint,
                    sampling=settings.sampling,
                ),
                rule=settings.rule,
                judge=judges,
                store=folder.store,
                results=folder,
                concurrent_requests=connection.concurrent,
                concurrent_judgements=_LOOK_AHEAD * judges.slots,
                on_change=on_change,
            )
            await evaluation.run()
