"""What takes long before the first verdict, told on standard error: images that are built, sandboxes that start."""

from __future__ import annotations

import logging

from livecodebench.cli.exits import tell

_LOGGER = "lcb_ray"


class _Told(logging.Handler):
    """Says each record as a line, wherever standard error is by then: a live progress line makes room for it."""

    def emit(self, record: logging.LogRecord) -> None:
        prefix = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        tell(f"{prefix}{record.getMessage()}")


def tell_steps() -> None:
    """Tell of the steps from here on; to be called once or more."""
    logger = logging.getLogger(_LOGGER)
    if not any(isinstance(handler, _Told) for handler in logger.handlers):
        logger.addHandler(_Told(logging.INFO))
        logger.setLevel(logging.INFO)
