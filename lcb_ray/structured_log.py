"""Logs of the processes in a cluster: one JSON object a line, so that a tool finds a batch by its key or its lease.

    {"at": "2026-11-23T21:05:09.123Z", "level": "info", "of": "lcb_ray.ray_pool.sandbox_actor", "said": "finished",
     "key": "mini_ledger#0", "lease": "3f…/17", "verdict": "accepted", …}

Everything is ASCII: what others wrote (a model's name, an error's words) cannot act on whoever reads it in a terminal.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

FIELDS = ("key", "lease", "driver", "sandbox", "end", "verdict", "seconds", "alone")
_MOST_TEXT = 2000
_LOGGER = "lcb_ray"


class JsonLines(logging.Formatter):
    """A record as a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "at": f"{at}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "of": record.name,
            "said": record.getMessage()[:_MOST_TEXT],
        }
        line |= {name: _bounded(getattr(record, name)) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)[-_MOST_TEXT:]
        return json.dumps(line, ensure_ascii=True)


def log_as_json() -> None:
    """Write what this package logs in this process to its standard error; to be called once or more."""
    logger = logging.getLogger(_LOGGER)
    if not any(isinstance(handler.formatter, JsonLines) for handler in logger.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logging.getLogger(f"{_LOGGER}.retry").setLevel(logging.DEBUG)  # why anything was tried again; elsewhere --verbose
    logger.propagate = False


def _bounded(value: object) -> object:
    return value if isinstance(value, bool | int | float) or value is None else str(value)[:_MOST_TEXT]
