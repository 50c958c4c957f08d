"""How a measured speed becomes limits, and what a sandbox that cannot be measured does."""

import json

import pytest

from lcb_ray.agent.protocol import ExecutionResult, Limits, Outcome, Usage
from lcb_ray.errors import SandboxUnusable
from lcb_ray.fake import FakeAgent, compiles
from lcb_ray.local import LocalPool
from lcb_ray.pool import SandboxInfo
from livecodebench.judging.calibration import REFERENCE_S, Calibration, calibrate, workload
from livecodebench.results.fingerprint import calibration_json, differences
from livecodebench.results.plan import Plan
from livecodebench.results.run_file import RunFile, read_run_file

TWICE = Calibration(2 * REFERENCE_S, REFERENCE_S, 2.0)


@pytest.fixture
def pool_of():
    """A pool whose sandbox says that the workload took these CPU seconds, run by run."""
    pools = []

    def make(*seconds, stdout=b"done\n"):
        def run(program, index, data):
            assert program.source == workload()
            usage = Usage(cpu_s=seconds[index % len(seconds)], wall_s=9.0)
            return ExecutionResult(index=index, outcome=Outcome.EXITED, exit_code=0, usage=usage, stdout=stdout)

        pools.append(LocalPool(1, start=lambda: FakeAgent(compiles(run))))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


def test_the_least_of_several_runs_counts(pool_of):
    found = calibrate(pool_of(3.0, 2 * REFERENCE_S, 5.0))
    assert found == TWICE


def test_a_sandbox_that_cannot_run_the_workload_is_unusable(pool_of):
    with pytest.raises(SandboxUnusable, match="leave the option out"):
        calibrate(pool_of(1.0, stdout=b"(1, 2, 3)\n"))


def test_limits_of_a_slower_and_of_a_faster_machine():
    limits = Limits(cpu_s=6.0, overload_wall_s=75.0)
    assert TWICE.scaled(limits) == Limits(cpu_s=12.0, overload_wall_s=150.0)
    faster = Calibration(REFERENCE_S / 2, REFERENCE_S, 0.5).scaled(limits)
    assert faster == Limits(cpu_s=3.0, overload_wall_s=75.0)


def test_a_resumed_run_must_be_calibrated_too_but_not_measure_the_same(tmp_path):
    plain, calibrated = {"grading": "standard"}, {"grading": "standard", **calibration_json(True)}
    assert calibration_json(False) == {}
    assert differences(plain, calibrated) == [f"calibrate.reference_s: (not set) there, {REFERENCE_S} now"]
    run = RunFile(calibrated, Plan(0, {}, {}))
    run.add_session(SandboxInfo("local", "3.11.7", None), TWICE)
    run.add_session(SandboxInfo("local", "3.11.7", None), Calibration(1.0, REFERENCE_S, 3.0))
    run.write(tmp_path)
    stored = read_run_file(tmp_path)
    assert stored.calibration() == {"benchmark_s": 1.0, "reference_s": REFERENCE_S, "factor": 3.0}
    assert "mixed" not in stored.sandbox()
    assert json.loads((tmp_path / "run.json").read_text())["sessions"][0]["calibration"]["factor"] == 2.0


def test_a_run_without_it_says_nothing(tmp_path):
    run = RunFile({"grading": "standard"}, Plan(0, {}, {}))
    assert run.calibration() is None
    run.add_session(SandboxInfo("local", "3.11.7", None))
    run.write(tmp_path)
    assert read_run_file(tmp_path).calibration() is None
