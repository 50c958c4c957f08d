"""What a pool promises of batches: results to whom they belong, cancellation, errors, and a clean end."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError, wait

import pytest

from lcb_ray.agent.protocol import Limits, Outcome
from lcb_ray.batch import Batch, Case
from lcb_ray.errors import PoolClosed, SandboxError, SandboxOverloaded
from lcb_ray.fake import Break, Fault, How
from tests.contract.checks import raises_key_error, see
from tests.contract.conftest import prints
from tests.processes import LONG_S

MB = 1024 * 1024
ECHO = "import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())"
ENDLESS = "import sys\nif sys.stdin.read():\n    while True:\n        pass"


def endless(data):
    return Break(How.STALL) if data else prints(b"")


def batch_of(program, cases, *, check=see, stop_at_failure=True, limits=None):
    return Batch(program, lambda: cases, check, limits or Limits(), stop_at_failure)


def test_what_a_pool_says_of_itself(pool, backend):
    assert pool.slots >= 1
    info = pool.info()
    assert info.python.count(".") == 2
    if backend.runs_programs:
        assert info.backend == (backend.sandboxes or backend.name)
        assert {"no_new_privs", "no_network", "no_signal_out", "fs_readonly", "no_exec", "no_foreign_memory"} == set(
            info.layers
        )
        assert all(info.layers.values()), "each property has a layer that gives it"


def test_usage_is_measured(run, programs, runs_programs):
    program = programs.add("data = bytearray(60_000_000)\nfor _ in range(2_000_000): pass")
    used = run.one(program).usage
    assert 0.005 < used.cpu_s < 6
    assert used.wall_s > 0
    assert used.wait_s >= 0
    assert used.max_rss_bytes > 60_000_000


def test_a_cpu_limit_is_met_closely(run, programs, runs_programs):
    used = run.one(programs.add("while True: pass"), limits=Limits(cpu_s=0.3)).usage
    assert 0.3 <= used.cpu_s < 0.6


def test_a_sandbox_that_is_too_slow_is_an_error_and_no_verdict(pool, programs):
    program = programs.add("import time\ntime.sleep(1000)", lambda data: Fault("overloaded"))
    limits = Limits(cpu_s=100, overload_wall_s=0.2)
    with pytest.raises(SandboxOverloaded) as caught:
        pool.submit(batch_of(program, [Case(b"")], limits=limits)).result(LONG_S)
    assert caught.value.attempts > 1


def test_it_stops_at_the_first_case_that_is_not_passed(pool, programs):
    program = programs.add(ECHO, prints)
    cases = [Case(b"a", b"a"), Case(b"b", b"no"), Case(b"c", b"c")]
    done = pool.submit(batch_of(program, cases)).result(LONG_S)
    assert [seen.passed for seen in done.checked] == [True, False]
    assert (done.cases, done.attempts) == (3, 1)


def test_or_goes_through_all(pool, programs):
    program = programs.add(ECHO, prints)
    cases = [Case(b"a", b"no"), Case(b"b", b"b"), Case(b"c", b"no"), Case(b"", b"")]
    done = pool.submit(batch_of(program, cases, stop_at_failure=False)).result(LONG_S)
    assert [seen.passed for seen in done.checked] == [False, True, False, True]
    assert [seen.result.index for seen in done.checked] == [0, 1, 2, 3]


def test_a_batch_without_cases(pool, programs):
    done = pool.submit(batch_of(programs.add(ECHO, prints), [])).result(LONG_S)
    assert (done.checked, done.cases, done.compiled.outcome) == ((), 0, Outcome.EXITED)


def test_more_cases_than_fit_any_window(run, programs):
    inputs = [b"%d" % number for number in range(150)]
    done = run.batch(programs.add(ECHO, prints), inputs)
    assert [seen.result.stdout for seen in done.checked] == inputs


def test_large_input_and_output(run, programs):
    """20 MB in and 15 MB out, more than once: whoever blocks on one direction waits for ever."""
    source = "import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read()[:15 * 1024 * 1024])"
    program = programs.add(source, lambda data: prints(data[: 15 * MB]))
    inputs = [bytes([number]) * (20 * MB) for number in range(3)]
    done = run.batch(program, inputs, limits=Limits(output_bytes=16 * MB))
    assert [(len(seen.result.stdout), seen.result.stdout[:1]) for seen in done.checked] == [
        (15 * MB, bytes([number])) for number in range(3)
    ]


def test_one_long_line(run, programs):
    program = programs.add("print(input()[::-1])", lambda data: prints(data.strip()[::-1] + b"\n"))
    line = b"ab" * (MB // 2)
    assert run.one(program, line + b"\n").stdout == line[::-1] + b"\n"


def test_results_go_to_the_right_futures(pool, programs):
    program = programs.add("print(int(input()) * 2)", lambda data: prints(b"%d\n" % (int(data) * 2)))
    futures = {}
    lock = threading.Lock()

    def submit(numbers):
        for number in numbers:
            cases = [Case(b"%d\n" % (number * 10 + offset)) for offset in range(3)]
            future = pool.submit(batch_of(program, cases))
            with lock:
                futures[number] = future

    threads = [threading.Thread(target=submit, args=(range(part, 60, 3),)) for part in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, future in futures.items():
        said = [seen.result.stdout for seen in future.result(LONG_S).checked]
        assert said == [b"%d\n" % ((number * 10 + offset) * 2) for offset in range(3)]


def test_cancelling_what_runs(fresh, programs, checks_here):
    pool = fresh(1)
    program = programs.add(ENDLESS, endless)
    running = threading.Event()

    def check(result, case):
        running.set()
        return see(result, case)

    future = pool.submit(batch_of(program, [Case(b""), Case(b"go on")], check=check, limits=Limits(cpu_s=300)))
    assert running.wait(LONG_S)
    assert future.cancel()
    with pytest.raises(CancelledError):
        future.result(LONG_S)
    assert pool.submit(batch_of(program, [Case(b"")])).result(LONG_S).attempts == 1  # the slot is free again


def test_cancelling_what_waits(fresh, programs):
    pool = fresh(1)
    program = programs.add(ENDLESS, endless)
    first = pool.submit(batch_of(program, [Case(b"go on")], limits=Limits(cpu_s=300)))
    waiting = pool.submit(batch_of(program, [Case(b"go on")], limits=Limits(cpu_s=300)))
    for future in (waiting, first):
        assert future.cancel()
        with pytest.raises(CancelledError):  # `cancelled()` is said later where a pool has sent it on already
            future.result(LONG_S)
    assert pool.submit(batch_of(program, [Case(b"")])).result(LONG_S).attempts == 1


def test_what_is_cancelled_while_it_waits_is_never_prepared(fresh, programs, checks_here):
    pool = fresh(1)
    program = programs.add(ENDLESS, endless)
    running, prepared = threading.Event(), []

    def check(result, case):
        running.set()
        return see(result, case)

    first = pool.submit(batch_of(program, [Case(b""), Case(b"go on")], check=check, limits=Limits(cpu_s=300)))
    assert running.wait(LONG_S)
    waiting = pool.submit(Batch(program, lambda: prepared.append(1) or [], see))
    for future in (waiting, first):
        assert future.cancel()
        with pytest.raises(CancelledError):
            future.result(LONG_S)
    assert pool.submit(batch_of(program, [Case(b"")])).result(LONG_S).attempts == 1
    assert not prepared


@pytest.mark.parametrize("where", ["check", "cases"])
def test_bugs_of_the_judge_are_raised_and_never_scored(pool, programs, where):
    def broken():
        raise KeyError("of the judge")

    program = programs.add(ECHO, prints)
    cases, check = (broken, see) if where == "cases" else (lambda: [Case(b"")], raises_key_error)
    batch = Batch(program, cases, check)
    with pytest.raises(KeyError, match="of the judge"):
        pool.submit(batch).result(LONG_S)
    assert pool.submit(batch_of(program, [Case(b"x", b"x")])).result(LONG_S).checked[0].passed


def test_a_killed_agent_costs_a_run_and_no_verdict(fresh, host, programs, checks_here):
    pool = fresh(1)
    killed = []

    def check(result, case):
        if not killed:
            killed.append(1)
            host(pool).kill_agents()
        return see(result, case)

    program = programs.add(ECHO, prints)
    # More cases than any window: when the first is checked, the last has not been sent yet.
    cases = [Case(b"%d" % number, b"%d" % number) for number in range(40)]
    done = pool.submit(batch_of(program, cases, check=check)).result(LONG_S)
    assert [seen.passed for seen in done.checked] == [True] * 40
    assert done.attempts == 2


def test_a_killed_warden_costs_a_run_and_no_verdict(fresh, host, programs, checks_here):
    pool = fresh(1)
    killed = []

    def check(result, case):
        if not killed:
            killed.append(1)
            host(pool).kill_wardens()
        return see(result, case)

    program = programs.add(ECHO, prints)
    cases = [Case(b"%d" % number, b"%d" % number) for number in range(40)]
    done = pool.submit(batch_of(program, cases, check=check)).result(LONG_S)
    assert [seen.passed for seen in done.checked] == [True] * 40
    assert done.attempts == 2


def test_a_sandbox_that_is_always_lost_is_an_error(fresh, host, programs, checks_here):
    pool = fresh(1)

    def check(result, case):
        host(pool).kill_agents()
        return see(result, case)

    cases = [Case(b"") for _ in range(40)]
    with pytest.raises(SandboxError) as caught:
        pool.submit(batch_of(programs.add(ECHO, prints), cases, check=check)).result(LONG_S)
    assert caught.value.attempts > 1
    assert pool.submit(batch_of(programs.add(ECHO, prints), [Case(b"")])).result(LONG_S).attempts == 1


def test_a_killed_idle_agent_is_replaced_unnoticed(fresh, host, programs):
    pool = fresh(1)
    program = programs.add(ECHO, prints)
    for _ in range(3):
        assert pool.submit(batch_of(program, [Case(b"x", b"x")])).result(LONG_S).attempts == 1
        host(pool).kill_agents()


def test_closing_ends_what_waits_and_runs(fresh, programs):
    pool = fresh(2)
    program = programs.add(ENDLESS, endless)
    futures = [pool.submit(batch_of(program, [Case(b"go on")], limits=Limits(cpu_s=300))) for _ in range(6)]
    pool.close()
    assert not wait(futures, LONG_S).not_done
    for future in futures:
        with pytest.raises((CancelledError, PoolClosed)):
            future.result()
    with pytest.raises(PoolClosed):
        pool.submit(batch_of(program, [Case(b"")]))
    pool.close()


def test_a_closed_pool_leaves_no_thread(fresh, programs):
    before = set(threading.enumerate())
    pool = fresh(3)
    program = programs.add(ECHO, prints)
    assert pool.submit(batch_of(program, [Case(b"")])).result(LONG_S)
    pool.close()
    assert not [thread for thread in set(threading.enumerate()) - before if not thread.name.startswith("fake")]
