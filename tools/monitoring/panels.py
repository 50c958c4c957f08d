"""The panels of the dashboard: what each shows, in words for whoever sees it first, and its queries.

Figures that the pool actor tells (slots, drivers) are the same number told once: `max` keeps what a pool actor that has
ended left behind from being added to it. What sandbox actors count is added up over them.
"""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "ray_livecodebench_"
_OURS = '{pool=~"$pool"}'


@dataclass(frozen=True, slots=True)
class Query:
    """One query. `legend` names its lines by their labels."""

    expression: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    Attributes:
        kind: Grafana's name of it: timeseries, stat or piechart.
        unit: Grafana's name of it.
        width: Of 24.
    """

    title: str
    words: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 8
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a heading."""

    title: str
    panels: tuple[Panel, ...]


def level(name: str, by: str = "") -> str:
    """A gauge of the pool actor, over pools."""
    within = f"pool, {by}" if by else "pool"
    return f"sum{f' by ({by})' if by else ''} (max by ({within}) ({PREFIX}{name}{_OURS}))"


def rate(name: str, by: str = "", where: str = "") -> str:
    """How fast a counter grows, over processes."""
    matching = _OURS if not where else _OURS[:-1] + f", {where}}}"
    return f"sum{f' by ({by})' if by else ''} (rate({PREFIX}{name}{matching}[$__rate_interval]))"


def quantile(share: float, name: str) -> str:
    """A quantile of a histogram."""
    return f"histogram_quantile({share:g}, {rate(f'{name}_bucket', 'le')})"


def or_none(expression: str) -> str:
    """0 where nothing of the kind has happened yet."""
    return f"({expression}) or vector(0)"


_SUBMISSIONS = f"sum (rate({PREFIX}submissions_total{_OURS}[$__rate_interval]))"
_ALL_SLOTS = f"sum (max by (pool, state) ({PREFIX}slots{_OURS}))"
_FAILED = 'end!="done", end!="Cancelled", end!="StaleLease"'

ROWS = (
    Row(
        "Now",
        (
            Panel(
                "Slots",
                "A slot runs one program at a time. All lent and requests waiting: the pool is too small. Many free "
                "and nothing waiting: drivers ask for less than there is. Dirty ones are being cleaned.",
                (Query(level("slots", "state"), "{{state}}"),),
                stacked=True,
            ),
            Panel(
                "Submissions per second, by verdict",
                "Finished submissions. Accepted and wrong answers are both work well done; see errors for what is not.",
                (Query(rate("submissions_total", "verdict"), "{{verdict}}"),),
                unit="reqps",
                stacked=True,
            ),
            Panel(
                "Verdict mix",
                "What became of the submissions of the whole time shown.",
                (Query(f"sum by (verdict) (increase({PREFIX}submissions_total{_OURS}[$__range]))", "{{verdict}}"),),
                kind="piechart",
            ),
        ),
    ),
    Row(
        "Who waits, and for what",
        (
            Panel(
                "Wait for a slot",
                "From the wish for a slot to the slot: half of the requests wait less than the median, 95 % less than "
                "the other line. Measured from 10 ms to 5 min.",
                (
                    Query(quantile(0.5, "lease_wait_seconds"), "median"),
                    Query(quantile(0.95, "lease_wait_seconds"), "95th percentile"),
                ),
                unit="s",
            ),
            Panel(
                "Requests that wait, and drivers",
                "Drivers are the processes that use the pool. Requests that wait for long while slots are free: "
                "something is wrong.",
                (Query(level("leases_waiting"), "requests waiting"), Query(level("drivers"), "drivers")),
            ),
            Panel(
                "Time that a submission holds a slot",
                "From lease to its end: the program's own time, and what surrounds it.",
                (
                    Query(quantile(0.5, "lease_hold_seconds"), "median"),
                    Query(quantile(0.95, "lease_hold_seconds"), "95th percentile"),
                ),
                unit="s",
            ),
        ),
    ),
    Row(
        "Work",
        (
            Panel(
                "Executions per second, by outcome",
                "A submission has as many executions as it has tests, or fewer where one fails.",
                (Query(rate("executions_total", "outcome"), "{{outcome}}"),),
                unit="ops",
                stacked=True,
            ),
            Panel(
                "CPUs that programs use",
                "CPU seconds per second. Waiting is time in which a program was ready and had no CPU: much of it means "
                "that the nodes have more slots than cores. It is not held against the program.",
                (
                    Query(rate("program_cpu_seconds_total"), "used"),
                    Query(or_none(rate("program_wait_seconds_total")), "waiting for one"),
                ),
                unit="none",
            ),
            Panel(
                "Cost of 1,000 submissions",
                "Slots that are up (busy or not) at the price above, for each 1,000 submissions finished. Rises where "
                "slots lie idle.",
                (Query(f"1000 * $price / 3600 * {_ALL_SLOTS} / ({_SUBMISSIONS} > 0)", "cost"),),
                unit="currencyUSD",
            ),
        ),
    ),
    Row(
        "What goes wrong",
        (
            Panel(
                "Infrastructure errors",
                "Attempts that ended in a failure of ours, by its name: tried three times at most, never scored. "
                "SandboxOverloaded: the node is too busy for a fair measurement.",
                (Query(or_none(rate("batches_total", "end", _FAILED)), "{{end}}"),),
                unit="ops",
            ),
            Panel(
                "Sandboxes",
                "Up, and starting: those that wait for a pod, for an image, or for their self-test.",
                (Query(level("sandboxes", "state"), "{{state}}"),),
            ),
            Panel(
                "Losses and repairs",
                "Sandboxes that went away with work on them, or did not start; slots that had to be reset; requests "
                "refused, or made again after a loss.",
                (
                    Query(or_none(rate("sandboxes_lost_total")), "lost"),
                    Query(or_none(rate("sandboxes_not_started_total", "why")), "not started {{why}}"),
                    Query(or_none(rate("slots_reset_total")), "slots reset"),
                    Query(or_none(rate("leases_refused_total", "reason")), "refused {{reason}}"),
                    Query(or_none(rate("retries_total")), "tried again"),
                ),
                unit="ops",
            ),
        ),
    ),
)
