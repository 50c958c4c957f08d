"""The gateway: HTTP with a token, for processes outside the Ray cluster that use its pool. See client, serving."""
