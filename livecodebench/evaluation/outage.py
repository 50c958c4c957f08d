"""When to stop asking an API: it refuses everybody, or it has been failing for too long. Pure."""

from __future__ import annotations

from livecodebench.model_client.errors import ModelError, ModelRefused

# Each failure has outlived its own retries, of minutes: so many in a row are no accident.
FAILURES_IN_A_ROW = 5
# A refusal may be about one prompt (too long for the model); so many before anything else are about all.
REFUSALS_BEFORE_ANY_ANSWER = 3


class Outage:
    """Learns how each request ended, and says when no more should be sent.

    Attributes:
        reason: Why asking has stopped; None while it goes on.
    """

    def __init__(self) -> None:
        self.reason: ModelError | ModelRefused | None = None
        self._answered = False
        self._failures = 0
        self._refusals = 0

    def answered(self) -> None:
        """A request brought a completion."""
        self._answered = True
        self._failures = 0

    def failed(self, error: ModelError | ModelRefused) -> None:
        """A request brought none."""
        if isinstance(error, ModelError):
            self._failures += 1
            stop = self._failures >= FAILURES_IN_A_ROW
        else:
            # 410 is the replay server's: it has stored nothing for this problem, which says nothing about the others.
            self._refusals += error.status != 410
            stop = error.for_all or (not self._answered and self._refusals >= REFUSALS_BEFORE_ANY_ANSWER)
        if stop and self.reason is None:
            self.reason = error

    @property
    def nothing_works(self) -> ModelRefused | None:
        """The refusal, where no request has brought a completion: then it is the caller's to mend."""
        return self.reason if isinstance(self.reason, ModelRefused) and not self._answered else None
