"""Looks after a RayCluster while a program uses it, and says what is wrong, since when, and that it is over.

Nothing depends on it: what can go on goes on without a word from here.
"""

from __future__ import annotations

import threading
import time

from lcb_ray.errors import PoolUnavailable
from lcb_ray.kuberay import operator
from lcb_ray.kuberay.api import Document, Refused
from lcb_ray.kuberay.namespace import find_raycluster, our_pods
from lcb_ray.kuberay.steps import Say
from lcb_ray.kuberay.troubles import Trouble, troubles
from lcb_ray.kuberay.use import Place

LOOK_S = 5.0
_MOST_TOLD = 20  # at the end


class TroubleWatch:
    """Starts with the object. Close it when done.

    Args:
        place: The RayCluster.
        say: Hears of news.
    """

    def __init__(self, place: Place, say: Say) -> None:
        self._place = place
        self._say = say
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._since: dict[str, float] = {}  # of what lasts
        self._words: dict[str, str] = {}
        self._told: dict[str, str] = {}  # what there was, and how long
        self._passed: set[str] | None = None  # what had happened before this program came: not its news
        self._thread = threading.Thread(target=self._run, name="trouble-watch", daemon=True)
        self._thread.start()

    def now(self) -> str:
        """What is wrong at the moment, with the fix; empty where nothing is."""
        with self._lock:
            return "; ".join(f"{what}: {self._words[what]}" for what in self._since if what in self._told)

    def close(self) -> None:
        """End it, and say once more what there was."""
        self._closing.set()
        self._thread.join()
        with self._lock:
            lines = [f"  {what}{lasted or ', and still is'}" for what, lasted in self._told.items()]
        if lines:
            more = [f"  and {len(lines) - _MOST_TOLD} more"] if len(lines) > _MOST_TOLD else []
            self._say("\n".join(["while this ran:", *lines[:_MOST_TOLD], *more]))

    def _run(self) -> None:
        while not self._closing.wait(LOOK_S):
            self.hear(self._look())

    def _look(self) -> list[Trouble]:
        api, namespace = self._place.api, self._place.namespace
        try:
            return troubles(
                raycluster=find_raycluster(api, namespace),
                pods=our_pods(api, namespace),
                nodes=self._allowed("/api/v1/nodes"),
                operator=self._operator(),
            )
        except PoolUnavailable as error:
            return [
                Trouble(
                    f"the API server of {self._place.access} does not answer",
                    f"{str(error)[:300]}. What runs in the pods goes on, and this program with it once the way "
                    "there is back; a kind cluster's is started by `docker start livecodebench-control-plane`",
                )
            ]

    def _allowed(self, path: str) -> list[Document]:
        """The objects there; none where this user may not look at them."""
        try:
            return self._place.api.items(path)
        except Refused:
            return []

    def _operator(self) -> str:
        try:
            return operator.what_it_lacks(self._place.api)
        except Refused:
            return ""

    def hear(self, found: list[Trouble]) -> None:
        """Take in what was seen, and say what is new. What lasts is said when it has been seen twice."""
        now, news = time.monotonic(), []
        with self._lock:
            lasting = {one.what: one.words for one in found if not one.passing}
            news += [self._over(what, now) for what in list(self._since) if what not in lasting]
            for what, words in lasting.items():
                self._words[what] = words
                if what in self._since and not self._told.get(what, "over"):
                    continue  # known
                if what in self._since:
                    self._told[what] = ""
                    news.append(f"{what}: {words}")
                self._since.setdefault(what, now)
            happened = {one.what: one.words for one in found if one.passing}
            if self._passed is None:
                self._passed = set(happened)
            for what in happened.keys() - self._passed:
                self._passed.add(what)
                self._told[what] = f": {happened[what]}"
                news.append(f"{what}: {happened[what]}")
        for line in filter(None, news):
            self._say(line)

    def _over(self, what: str, now: float) -> str:
        lasted_s = now - self._since.pop(what)
        if self._told.get(what) != "":
            return ""
        self._told[what] = f", for {lasted_s:.0f} s"
        return f"it is over after {lasted_s:.0f} s: {what}"
