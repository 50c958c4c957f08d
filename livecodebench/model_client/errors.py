"""Why there is no completion.

ModelError     the API failed for good, after the retries: an infrastructure error of one sample, never a score
ModelRefused   the API will not take the request as it is: the caller's to mend
"""

from __future__ import annotations

from livecodebench.errors import InputError


class ModelError(Exception):
    """The API failed for good; asking later may help.

    Attributes:
        attempts: How many requests were sent.
    """

    def __init__(self, message: str, *, attempts: int) -> None:
        super().__init__(message)
        self.attempts = attempts


class ModelRefused(InputError):
    """The API refused the request; the same request will be refused again.

    Attributes:
        status: Of HTTP.
        for_all: True where no other request will fare better: the key, the model's name or the address is wrong.
    """

    def __init__(self, message: str, *, status: int, for_all: bool) -> None:
        super().__init__(message)
        self.status = status
        self.for_all = for_all
