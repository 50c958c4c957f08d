"""Who may use a gateway: a token for each trust domain. What one domain has, no other sees.

A token file has a line `NAME TOKEN` for each; several tokens of one name let an old one run out. A line with a token
alone is of the domain `default`. Empty lines and those that begin with # are left out.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from lcb_ray.errors import SandboxUnusable
from lcb_ray.gateway.protocol import DEFAULT, TOKEN_LENGTH, TOKEN_VARIABLE, is_name


class Tokens:
    """The tokens, as digests: they are in no representation.

    Args:
        domains: Domain by token.

    Raises SandboxUnusable for tokens that are none.
    """

    def __init__(self, domains: Mapping[str, str]) -> None:
        for token in domains:
            if len(token) < TOKEN_LENGTH or not token.isascii() or not token.isprintable():
                raise SandboxUnusable(
                    f"the gateway needs a token of at least {TOKEN_LENGTH} printable characters, from a file or from "
                    f"{TOKEN_VARIABLE}: for example the output of `openssl rand -hex 32`"
                )
        self._domains = {_digest(token): domain for token, domain in domains.items()}

    @classmethod
    def read(cls, text: str) -> Tokens:
        """From the text of a token file. Raises SandboxUnusable, which names the line."""
        domains: dict[str, str] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            name, token = words if len(words) == 2 else (DEFAULT, words[0])
            if len(words) > 2 or not is_name(name) or domains.get(token, name) != name:
                raise SandboxUnusable(
                    f"the gateway's token file, line {number}: is no `NAME TOKEN` with a token of its own"
                )
            domains[token] = name
        return cls(domains or {"": DEFAULT})

    def domain_of(self, given: str) -> str | None:
        """Whose token it is; None where it is nobody's. Takes as long for any."""
        asked, found = _digest(given), None
        for digest, domain in self._domains.items():
            if hmac.compare_digest(asked, digest):
                found = domain
        return found


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
