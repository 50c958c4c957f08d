"""Nodes that are about to go: Ray is told to drain them, by whoever manages the machines or by its autoscaler."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any

log = logging.getLogger(__name__)


def draining_nodes() -> frozenset[str]:
    """Ids of those nodes, in hexadecimal. Asks the head and waits for it: not for an event loop.

    Ray has no public way to ask. Where this one fails, a node is missed when it goes.
    """
    try:
        state: Any = import_module("ray._private.state").state
        return frozenset(state.get_draining_nodes())
    except Exception as error:
        log.info("which nodes are being drained is not known: %s", error)
        return frozenset()
