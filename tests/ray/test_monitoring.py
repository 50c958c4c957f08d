"""A real Prometheus scrapes a real pool, and every panel of the dashboard has something to show."""

from __future__ import annotations

import pytest

from lcb_ray.agent.protocol import Program
from lcb_ray.batch import Batch, Case
from tests.contract.conftest import see
from tests.ray_cluster import until
from tools.monitoring.server import filled, panels, prometheus

pytestmark = [pytest.mark.ray, pytest.mark.prometheus]

PROGRAM = b"import time\nn = int(input())\nwhile time.process_time() < 0.05: pass\nprint(1 // n)"


@pytest.fixture
def scraping(cluster, tmp_path):
    import ray

    [node] = ray.nodes()
    with prometheus(tmp_path, f"{node['NodeManagerAddress']}:{node['MetricsExportPort']}") as server:
        yield server


def test_every_panel_has_data(scraping, open_pool, pool_name):
    pool = open_pool(slots=2)

    def work():
        cases = [Case(b"%d\n" % number, b"1\n") for number in (1, 1, 0)]
        batch = Batch(Program(source=PROGRAM), lambda: cases, see)
        return [pool.submit(batch) for _ in range(4)]

    # A rate needs counters that grow while they are looked at: so there is work until all is seen.
    under_way = work()
    missing = {
        f"{panel['title']}: {target['expr']}": filled(target["expr"], pool=pool_name)
        for panel in panels()
        for target in panel["targets"]
    }

    def all_shown():
        nonlocal under_way
        if all(future.done() for future in under_way):
            under_way = work()
        for name in [name for name, query in missing.items() if shows(scraping.query(query))]:
            del missing[name]
        return not missing

    try:
        until(all_shown, f"data for {missing}")
    finally:
        for future in under_way:
            future.cancel()
    [slots] = scraping.query(
        filled('sum (max by (pool, state) (ray_livecodebench_slots{pool=~"$pool"}))', pool=pool_name)
    )
    assert float(slots["value"][1]) == 2


def shows(series):
    """Whether there is a number in it: a quantile of nothing is NaN."""
    return any(float(one["value"][1]) == float(one["value"][1]) for one in series)
