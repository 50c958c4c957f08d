"""Where the API is, and how patiently it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from livecodebench.errors import InputError
from livecodebench.model_client.key import ApiKey
from livecodebench.model_client.retry import RetryPolicy
from livecodebench.printable import printable

_SUCH_AS = "give one such as http://127.0.0.1:8000/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where and how patiently.

    Attributes:
        base_url: Up to and with the version, such as "http://127.0.0.1:8000/v1".
        key: Sent with each request.
        timeout_s: For one answer, from the request to its last byte.
        concurrent: The most requests at once.
        use_proxy: Follow HTTP_PROXY and the like; False for a server in this process.
        retry: What is tried again.
    """

    base_url: str
    key: ApiKey
    timeout_s: float = 600.0
    concurrent: int = 32
    use_proxy: bool = True
    retry: RetryPolicy = field(default_factory=RetryPolicy)


def checked_base_url(base_url: str, key: ApiKey) -> str:
    """The base URL without a slash at its end. Raises InputError, which never shows a secret in it."""
    try:
        url = urlsplit(base_url)
        named = bool(url.hostname) and url.port != 0
    except ValueError:
        raise InputError(f"--base-url is not a URL; {_SUCH_AS}") from None
    if url.username is not None or url.password is not None or key.within(base_url):
        raise InputError("--base-url holds a password or key; take it out and put the key into the environment instead")
    shown = printable(base_url, limit=200)
    if url.scheme not in {"http", "https"} or not named or not base_url.isprintable():
        raise InputError(f"--base-url {shown}: {_SUCH_AS}")
    if url.query or url.fragment:
        raise InputError(f"--base-url {shown}: leave out what follows the path (?... or #...)")
    return base_url.rstrip("/")
