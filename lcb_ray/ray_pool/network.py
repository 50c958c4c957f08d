"""Whether the network drops what the policies of ray-cluster/base/network.yaml do not allow: tried, from a sandbox pod.

Kubernetes takes policies also where nothing enforces them, and does not tell. So each sandbox pod tries flows that are
not allowed: on a network that enforces them these stay without an answer, and an answer of any kind, also a refusal,
says that they came through. It is tried from Ray's container, beside the sandbox: a program can open no socket at all.
"""

from __future__ import annotations

import errno
import logging
import os
import selectors
import socket
import threading
import time
from collections.abc import Mapping

import ray

from lcb_ray.cluster_files import AGENT_SOCKET, GATEWAY_PORT

Address = tuple[str, int]

WITHIN_S = 3.5  # for an answer: a lost first packet is sent again after 1 s and 3 s
_AGAIN_S = 600.0
_HEADS_AGENT = 52365  # of Ray on the head: for nobody but the head itself and the operator
_DROPPED = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES, errno.EPERM, errno.ETIMEDOUT)

ENFORCED, NOT_ENFORCED, UNKNOWN = "enforced", "not enforced", "unknown"

log = logging.getLogger(__name__)


def answering(addresses: Mapping[str, Address], *, within_s: float = WITHIN_S) -> set[str]:
    """Which addresses answer, by name: with a connection or with a refusal. All are tried at once."""
    found: set[str] = set()
    with selectors.DefaultSelector() as selector:
        for name, address in addresses.items():
            sock = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
            sock.setblocking(False)
            status = sock.connect_ex(address)
            if status in (errno.EINPROGRESS, 0):
                selector.register(sock, selectors.EVENT_WRITE, name)
                continue
            sock.close()
            if status not in _DROPPED:
                found.add(name)
        deadline = time.monotonic() + within_s
        while selector.get_map() and (left := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                sock = key.fileobj  # type: ignore[assignment] # a socket, as registered
                selector.unregister(sock)
                if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) not in _DROPPED:
                    found.add(key.data)
                sock.close()
        for key in list(selector.get_map().values()):
            selector.unregister(key.fileobj)
            key.fileobj.close()  # type: ignore[union-attr] # a socket, as registered
    return found


def enforcement(allowed: Mapping[str, Address], forbidden: Mapping[str, Address], *, within_s: float = WITHIN_S) -> str:
    """What trying says of a network, in words that begin with one of the three constants above, or "partly".

    Args:
        allowed: Must answer; otherwise silence says nothing.
        forbidden: Must not.
        within_s: For an answer.
    """
    answers = answering({**allowed, **forbidden}, within_s=within_s)
    if silent := sorted(allowed.keys() - answers):
        return f"{UNKNOWN}: {', '.join(silent)} does not answer, which is allowed"
    through = sorted(forbidden.keys() & answers)
    if not through:
        return ENFORCED
    if len(through) == len(forbidden):
        return NOT_ENFORCED
    return f"partly: {', '.join(through)} can be reached, which is not allowed"


class NetworkProbe:
    """Tries now and then, beside everything else; holds up nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tried: float | None = None
        self._word = ""

    @property
    def word(self) -> str:
        """What the last try has found; empty outside pods, and until then."""
        return self._word

    def try_now_and_then(self) -> None:
        """Try, unless that was done of late."""
        if not os.environ.get(AGENT_SOCKET):
            return
        with self._lock:
            now = time.monotonic()
            if self._tried is not None and now < self._tried + _AGAIN_S:
                return
            self._tried = now
        threading.Thread(target=self._try, name="network-probe", daemon=True).start()

    def _try(self) -> None:
        try:
            word = enforcement(*_flows())
        except (OSError, ValueError) as error:
            word = f"{UNKNOWN}: {error}"
        if word != self._word:
            log.info("network policies: %s", word)
        self._word = word


def _flows() -> tuple[dict[str, Address], dict[str, Address]]:
    """What a sandbox pod may reach of these, and what not."""
    host, _, port = ray.get_runtime_context().gcs_address.rpartition(":")
    head = socket.gethostbyname(host.strip("[]"))
    forbidden = {"the gateway": (head, GATEWAY_PORT), "Ray's agent on the head": (head, _HEADS_AGENT)}
    if api := os.environ.get("KUBERNETES_SERVICE_HOST"):
        forbidden["the Kubernetes API"] = (api, int(os.environ.get("KUBERNETES_SERVICE_PORT", "443")))
    return {"the GCS": (head, int(port))}, forbidden
