"""What takes long before the first verdict, told on standard error: images that are built, sandboxes that start.

With --verbose also what was tried again, and why: sandboxes that were lost, requests that a model's API did not answer.
"""

from __future__ import annotations

import logging

from livecodebench.cli.exits import tell

_LOGGER = "lcb_ray"
_MORE = ("lcb_ray", "livecodebench.model_client")


class _Told(logging.Handler):
    """Says each record as a line, wherever standard error is by then: a live progress line makes room for it."""

    def emit(self, record: logging.LogRecord) -> None:
        prefix = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        tell(f"{prefix}{record.getMessage()}")


def tell_steps() -> None:
    """Tell of the steps from here on; to be called once or more."""
    logger = logging.getLogger(_LOGGER)
    _hear(logger)
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)


def tell_more() -> None:
    """Tell of all that is logged."""
    for name in _MORE:
        logger = logging.getLogger(name)
        _hear(logger)
        logger.setLevel(logging.DEBUG)


def _hear(logger: logging.Logger) -> None:
    if not any(isinstance(handler, _Told) for handler in logger.handlers):
        logger.addHandler(_Told())
