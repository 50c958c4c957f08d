"""A pool's figures where Prometheus finds them: at the endpoint of the node's own agent."""

from __future__ import annotations

import re
import urllib.request

import pytest

from lcb_ray.agent.protocol import Program
from lcb_ray.batch import Batch, Case
from tests.contract.conftest import see
from tests.ray_cluster import LONG_S, until

pytestmark = pytest.mark.ray

PROGRAM = b"import time\nn = int(input())\nwhile time.process_time() < 0.2: pass\nprint(1 // n)"


def scraped(pool_name):
    """Name and state -> sum over processes, of this pool's figures."""
    import ray

    [node] = ray.nodes()
    address = f"http://{node['NodeManagerAddress']}:{node['MetricsExportPort']}/metrics"
    with urllib.request.urlopen(address, timeout=LONG_S) as answer:
        text = answer.read().decode()
    figures: dict[tuple[str, str], float] = {}
    for name, tags, value in re.findall(r"^ray_livecodebench_(\w+)\{(.*)\} (\S+)$", text, re.MULTILINE):
        tag = dict(re.findall(r'(\w+)="([^"]*)"', tags))
        if tag.get("pool") == pool_name:
            said = tag.get("state") or tag.get("outcome") or tag.get("passed") or tag.get("end") or tag.get("le", "")
            figures[name, said] = figures.get((name, said), 0.0) + float(value)
    return figures


def test_what_was_done_is_counted(open_pool, pool_name):
    pool = open_pool(slots=2)
    cases = [Case(b"%d\n" % number, b"1\n") for number in (1, 1, 2, 0)]
    batch = Batch(Program(source=PROGRAM), lambda: cases, see, stop_at_failure=False)
    for future in [pool.submit(batch) for _ in range(3)]:
        future.result(LONG_S)

    def seen():
        figures = scraped(pool_name)
        return (
            figures if figures.get(("leases_granted_total", "")) == 3 and ("batches_total", "done") in figures else {}
        )

    figures = until(seen, "the pool's figures at the endpoint")
    assert figures["executions_total", "exited"] == 9
    assert figures["executions_total", "nonzero_exit"] == 3
    assert figures["answers_total", "true"] == 6
    assert figures["answers_total", "false"] == 6
    assert figures["batches_total", "done"] == 3
    assert figures["program_cpu_seconds_total", ""] >= 12 * 0.2
    assert figures["lease_wait_seconds_count", ""] == 3
    assert figures["drivers", ""] == 1
    assert figures["sandboxes", "up"] == 1
    slots = until(lambda: (now := scraped(pool_name))["slots", "free"] == 2 and now, "all slots are free again")
    assert slots["slots", "lent"] == slots["slots", "dirty"] == 0
