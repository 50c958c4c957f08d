"""The API's key: read from the environment or a file, sent, and otherwise unseen.

It is in no file, message, log or representation. Whatever an API sends back is searched for it, since some repeat it.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from livecodebench.errors import InputError

DEFAULT_VARIABLE = "OPENAI_API_KEY"

_SENDABLE = re.compile(r"[\x21-\x7e]+")
# What is shorter is no secret but a word such as "EMPTY", which servers without keys are given.
_SECRET_LENGTH = 6
_SHOWN = "[API key]"
_MOST_BYTES = 100_000


class ApiKey:
    """A key, or none, and the name of the variable it came from."""

    __slots__ = ("_value", "variable")

    def __init__(self, value: str | None, *, variable: str = DEFAULT_VARIABLE) -> None:
        if value is not None and not _SENDABLE.fullmatch(value):
            raise InputError(
                f"the API key in {variable} has white space or other characters that no key has; set it again, "
                "without line ends or quotes"
            )
        self._value = value
        self.variable = variable

    def __repr__(self) -> str:
        return f"ApiKey({'set' if self else 'not set'}, variable={self.variable!r})"

    def __bool__(self) -> bool:
        return self._value is not None

    def headers(self) -> dict[str, str]:
        """What is sent with a request."""
        return {} if self._value is None else {"Authorization": f"Bearer {self._value}"}

    def redact(self, text: str) -> str:
        """The text without the key."""
        if self._value is None or len(self._value) < _SECRET_LENGTH:
            return text
        return text.replace(self._value, _SHOWN).replace(json.dumps(self._value)[1:-1], _SHOWN)

    def within(self, text: str) -> bool:
        """Whether the text has the key in it."""
        return self.redact(text) != text


def key_from_environment(variable: str | None = None) -> ApiKey:
    """Read the key.

    Args:
        variable: Its name; None for OPENAI_API_KEY, which need not be set: a server of one's own wants no key.

    Raises:
        InputError: The variable was named and is not set, or holds what cannot be a key.
    """
    value = os.environ.get(variable or DEFAULT_VARIABLE, "").strip() or None
    if variable is not None and value is None:
        raise InputError(f"--api-key-env {variable}: this variable is not set; export it, or leave the option out")
    return ApiKey(value, variable=variable or DEFAULT_VARIABLE)


def key_from_file(path: str) -> ApiKey:
    """Read the key from a file, such as one of a Kubernetes secret. Raises InputError."""
    try:
        with Path(path).open("rb") as file:
            value = file.read(_MOST_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--api-key-file {path}: cannot be read: {error}") from None
    if not value:
        raise InputError(f"--api-key-file {path}: is empty")
    return ApiKey(value, variable=path)
