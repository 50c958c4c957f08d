"""What the agent costs beyond the programs: for each test and for each submission, fresh and aged.

    uv run python benchmarks/per_test.py [--other CHECKOUT] [--rounds 9] [--age 2000]

One slot, one program that reads two numbers and prints their sum, whose own CPU time is taken off: everything that is
left is overhead. A submission's share is what a submission of one test takes beyond one more test of a long submission.
With --other, the agent of another checkout runs in turns with this one's, and the ratios are of neighbouring rounds.
Then this one's runs --age submissions, and is measured again, in turns with a new one.
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from contextlib import closing

from agents import INPUT, SUM, below, cost, machine, pss_bytes, spread, start, submit

from lcb_ray.agent.protocol import Limits, Program
from lcb_ray.agent_client import CancelSignal, Connection
from lcb_ray.launcher import AgentProcess

TESTS, SUBMISSIONS = 150, 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--other", metavar="CHECKOUT", help="folder of another checkout, to compare with")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--age", type=int, default=2000, metavar="SUBMISSIONS")
    options = parser.parse_args()
    print(machine())
    print(f"the program's own: {own_ms():.3f} ms")
    with closing(start()) as agent:
        agents = {"this": agent}
        if options.other:
            agents["other"] = start(options.other)
        compare(agents, options.rounds)
        print(f"memory of a slot while a test runs, shared pages by their share: {slot_mib(agent):.1f} MiB")
        began = time.monotonic()
        for _ in range(options.age):
            submit(agent, 1)
        print(f"after {options.age} submissions more ({time.monotonic() - began:.0f} s):")
        with closing(start()) as new:
            compare({"aged": agent, "new": new}, options.rounds)


def compare(agents: dict[str, AgentProcess], rounds: int) -> None:
    """Measure them in turns."""
    figures: dict[str, list[tuple[float, ...]]] = {name: [] for name in agents}
    for agent in agents.values():
        submit(agent, 20)
    for _ in range(rounds):
        for name, agent in agents.items():
            figures[name].append(measured(agent))
    for name, rows in figures.items():
        test, test_cpu, client, submission, submission_cpu = zip(*rows, strict=True)
        print(f"  {name:5} test       {spread(test)} ms; CPU {spread(test_cpu)}, the client's {spread(client)}")
        print(f"  {name:5} submission {spread(submission)} ms; CPU {spread(submission_cpu)}")
    if len(figures) == 2:
        (name, first), (_, second) = figures.items()
        pairs = list(zip(first, second, strict=True))
        tests, submissions = ([one[at] / two[at] for one, two in pairs] for at in (0, 3))
        print(f"  ratio       test {spread(tests)}, submission {spread(submissions)}, {len(pairs)} rounds")


def measured(agent: AgentProcess) -> tuple[float, ...]:
    """Milliseconds: of a test, its CPU, the client's CPU; of a submission, its CPU."""
    long, short = cost(agent, 3, TESTS), cost(agent, SUBMISSIONS, 1) / SUBMISSIONS
    test = (long - cost(agent, 3, 1)) / (3 * (TESTS - 1))
    submission = short - test
    own = own_ms() / 1e3
    return tuple(
        value * 1e3
        for value in (test.wall_s - own, test.cpu_s - own, test.client_cpu_s, submission.wall_s, submission.cpu_s)
    )


def own_ms() -> float:
    """CPU milliseconds of the program itself: compiled, its names at hand, in a process that runs already."""
    code, given, times = compile(SUM, "solution.py", "exec"), INPUT.decode(), []
    for _ in range(200):
        began = time.perf_counter()
        exec(code, {"input": lambda: given, "print": lambda *_: None})
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e3


def slot_mib(agent: AgentProcess) -> float:
    """Of the agent with one program running; the zygote's own is counted too."""
    begun = b"import time\nprint(input(), flush=True)\ntime.sleep(1)"
    with closing(CancelSignal()) as never, Connection(agent.connect(), never) as connection:
        connection.compile(Program(source=begun), Limits())
        running = threading.Thread(target=lambda: list(connection.results([INPUT])))
        running.start()
        time.sleep(0.5)
        found = sum(map(pss_bytes, below(agent.pid))) / 2**20
        running.join()
        connection.finish()
    return found


if __name__ == "__main__":
    main()
