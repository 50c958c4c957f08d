"""Training goes on while sandboxes are killed: no reward is wrong, and what has none is masked and counted.

    python -m tests.training_faults ray|kubernetes [--folder FOLDER] [--steps 8] [--actors 8] [--group 8]

Two runs of examples/reinforcement_learning.py share one pool of four sandboxes on two nodes: one in the sandboxes' own
Ray cluster, by actor handles, and one in a Ray cluster of its own, through the gateway. Each has eight rollout actors
and groups of eight. While they train a sandbox is killed, then a node, and at last all sandboxes, over and over, until
programs have lost three sandboxes each. Every reward is then compared with that of the same program on this machine,
where nothing was killed. Exit status 1 where one differs, where nothing was masked, or where there was a second pool.

`kubernetes` uses the kind cluster `livecodebench`, brings it up where it is not, and lets it stand. Its sandboxes are
pods, and its nodes kind's; only the storm at the end kills the actors in front of them, since a pod takes longer to
come back than its programs take. On `ray` they are sandbox actors and raylets of this machine.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from livecodebench.rewards.scorer import close_scorers, scorer_options, shared_scorer
from tests.training_benches import BENCHES, EXAMPLE, SANDBOXES, Bench, LocalTrainer, Trainer, until

SEEDS = {"same cluster": 0, "gateway": 1}
STORM = 8  # times that all sandboxes are killed: a program is given up with its third


@dataclass
class Findings:
    """Of one trainer.

    Attributes:
        rollouts: All.
        masked: Those without a reward.
        counted: Those without a reward, as the trainer itself says.
        zeros: Rewards of 0.
        undeserved: Rewards of 0 for programs that are right.
        wrong: Rewards that are not the program's.
    """

    rollouts: int = 0
    masked: int = 0
    counted: int = -1
    zeros: int = 0
    undeserved: int = 0
    wrong: int = 0

    @property
    def good(self) -> bool:
        """Whether no fault became a reward, each was counted, and there was enough to see it by."""
        seen = 2 * self.masked < self.rollouts
        return seen and self.wrong == self.undeserved == 0 and self.counted == self.masked


def findings(rows: Iterable[Mapping[str, Any]], words: str, truth: Callable[[str, int], float]) -> Findings:
    """What a trainer's rollouts say.

    Args:
        rows: Its rollouts.
        words: What it has printed; its last line counts the masked ones.
        truth: The reward of a problem's program.
    """
    found = Findings()
    for row in rows:
        found.rollouts += 1
        if row["reward"] is None:
            found.masked += 1
            continue
        deserved = truth(row["problem"], row["action"])
        found.zeros += row["reward"] == 0
        found.undeserved += row["reward"] == 0 != deserved
        found.wrong += row["reward"] != deserved
    _, said, number = words.rpartition("masked rollouts: ")
    if said:
        found.counted = int(number.split()[0])
    return found


def programs_of(seed: int) -> dict[str, list[str]]:
    """What a trainer with this seed chooses from."""
    spec = spec_from_file_location("reinforcement_learning", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    programs: dict[str, list[str]] = module.programs_of_mini(random.Random(seed))
    return programs


def truths(programs: Mapping[str, list[str]]) -> Callable[[str, int], float]:
    """The rewards of these programs, by this machine's own jail."""
    scorer = shared_scorer(scorer_options(dataset="mini", slots=2, time_limit=1.0))
    judging = {
        (problem, action): scorer.submit(problem, f"```python\n{program}\n```")
        for problem, choices in programs.items()
        for action, program in enumerate(choices)
    }
    known: dict[tuple[str, int], float] = {}
    for key, future in judging.items():
        passed = future.result().passed
        assert passed is not None, f"{key}: this machine's own sandbox failed"
        known[key] = float(passed)
    return lambda problem, action: known[problem, action]


class Watch:
    """Says what happens, and looks for pool actors whenever it waits."""

    def __init__(self, bench: Bench, trainers: Mapping[str, Trainer]) -> None:
        self.bench, self.trainers = bench, trainers
        self.most_pools = 0
        self._began = time.monotonic()

    def say(self, what: str) -> None:
        sys.stdout.write(f"{time.monotonic() - self._began:6.0f} s  {what}\n")
        sys.stdout.flush()

    def steps(self) -> int:
        """Over in all trainers."""
        return min(1 + max((row["step"] for row in one.rollouts()), default=-1) for one in self.trainers.values())

    def come_to(self, step: int) -> None:
        """Wait until all trainers have done so many steps, or one has ended."""

        def there() -> bool:
            self.most_pools = max(self.most_pools, len(self.bench.pool_actors()))
            return self.steps() >= step or any(one.ended() for one in self.trainers.values())

        until(there, f"{step} steps", pause_s=1.0)
        self.say(f"{self.steps()} steps are over in both; pool actors: {len(self.bench.pool_actors())}")

    def end(self) -> None:
        """Wait until all have ended."""
        until(lambda: all(one.ended() for one in self.trainers.values()), "the end", pause_s=1.0)
        self.say("the end")


def under_fire(bench: Bench, trainers: Mapping[str, Trainer]) -> int:
    """Kill; how many pool actors there were at most at one time."""
    watch = Watch(bench, trainers)
    watch.say("both train")
    watch.come_to(1)
    watch.say(f"killed: {bench.kill_sandbox()}")
    watch.come_to(2)
    watch.say(f"killed: {bench.kill_node()}")
    watch.come_to(3)
    bench.mend_node()
    watch.say("the node is replaced")
    watch.come_to(4)
    for _ in range(STORM):
        bench.kill_all()
    watch.say(f"killed: all sandboxes, {STORM} times, whenever some were at work")
    watch.end()
    return watch.most_pools


def main() -> int:
    """Train under fire, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", choices=BENCHES)
    parser.add_argument("--folder", type=Path, help="for what the trainers write; default: a temporary one")
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--actors", type=int, default=8)
    parser.add_argument("--group", type=int, default=8)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    common = ["--slots", 1, "--pool-size", SANDBOXES, "--steps", options.steps]
    common += ["--actors", options.actors, "--group", options.group]
    with closing(BENCHES[options.bench](folder)) as bench:
        inside = bench.start_inside([*common, "--seed", SEEDS["same cluster"]])
        at = {"LIVECODEBENCH_RAY_ADDRESS": bench.url, "LIVECODEBENCH_GATEWAY_TOKEN": bench.token}
        outside = LocalTrainer(folder, "outside", ["--backend", "ray", *common, "--seed", SEEDS["gateway"]], **at)
        with closing(outside):
            trainers: dict[str, Trainer] = {"same cluster": inside, "gateway": outside}
            pools = under_fire(bench, trainers)
            kept = {name: (one.rollouts(), one.words()) for name, one in trainers.items()}
    (folder / "kept.json").write_text(json.dumps(kept))
    found = {name: findings(*kept[name], truths(programs_of(SEEDS[name]))) for name in kept}
    close_scorers()
    sys.stdout.write(f"{'rollout actors in':<18}{'rollouts':>9}{'masked':>8}{'counted':>9}{'zeros':>7}")
    sys.stdout.write(f"{'undeserved':>12}{'wrong':>7}\n")
    for name, one in found.items():
        sys.stdout.write(f"{name:<18}{one.rollouts:>9}{one.masked:>8}{one.counted:>9}{one.zeros:>7}")
        sys.stdout.write(f"{one.undeserved:>12}{one.wrong:>7}\n")
    sys.stdout.write(f"pool actors at one time: {pools} at most\n")
    expected = len(programs_of(0)) * options.group * options.steps
    whole = all(one.good and one.rollouts == expected for one in found.values())
    return 0 if whole and pools == 1 and sum(one.masked for one in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
