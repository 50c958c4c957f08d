"""The stored completions: by model, problem and sample. Reading them from a file is another module's work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from livecodebench.answers.completion import Completion

ANY_MODEL = "default"
"""The name under which completions without a model are listed; they are served whatever model is asked for."""


class StoredCompletions:
    """Completions, looked up by the name of the model and the question_id.

    Attributes:
        sha256: Of the file they were read from, in hex; empty where they were not.
    """

    def __init__(
        self, completions: Mapping[str | None, Mapping[str, Sequence[Completion]]], *, sha256: str = ""
    ) -> None:
        self._by_model = completions
        self.sha256 = sha256

    @property
    def models(self) -> list[str]:
        """The names of the models, as GET /v1/models lists them."""
        return sorted(ANY_MODEL if model is None else model for model in self._by_model)

    def knows(self, model: str) -> bool:
        """True where there is anything for this model."""
        return model in self._by_model or None in self._by_model

    def samples(self, model: str, question_id: str) -> Sequence[Completion]:
        """What the model answered to this problem, in order; empty where nothing is stored."""
        for name in (model, None):
            found = self._by_model.get(name, {}).get(question_id)
            if found:
                return found
        return ()

    def __len__(self) -> int:
        return sum(len(samples) for problems in self._by_model.values() for samples in problems.values())
