"""The grader without its comparison: what fails in which order, and one process and module for all tests."""

import faulthandler
import json
import os
import resource
import sys
import threading
import types
from typing import Any

from livecodebench.judging.official.harness.alarm import ALARM
from livecodebench.judging.official.harness.guard import WATCH, reliability_guard
from livecodebench.judging.official.harness.records import ENCODE, OUT, Results, described, truncatefn
from livecodebench.judging.official.harness.source import clean_if_name, import_string, make_function
from livecodebench.judging.official.harness.streams import Capturing, call_method
from livecodebench.judging.official.harness.values import Encoder, is_array

_STACK_BYTES = 8 << 20  # the usual limit, where the agent has a larger one: deep recursion in C ends a program there
Graded = tuple[list[object], dict[str, object]] | None


def get_stripped_lines(val: str) -> list[str]:
    """For candidates that replace it."""
    return [line.strip() for line in val.strip().split("\n")]


def convert_line_to_decimals(line: str) -> tuple[bool, list[object]]:
    """For candidates that replace it."""
    return False, [line]


def compile_code(code: str, timeout: float) -> object:
    """Run the code in a module of its own. Returns its Solution where the text speaks of one, else the module."""
    ALARM.start(timeout)
    try:
        tmp_sol = types.ModuleType("tmp_sol", "")
        exec(code, tmp_sol.__dict__)
        compiled_sol = tmp_sol.Solution() if "class Solution" in code else tmp_sol
        assert compiled_sol is not None
    finally:
        ALARM.stop()
    return compiled_sol


def get_function(compiled_sol: object, fn_name: str) -> Any:  # noqa: ANN401 - a candidate's
    """The function, or None."""
    try:
        assert hasattr(compiled_sol, fn_name)
        return getattr(compiled_sol, fn_name)
    except Exception:
        return None


def grade_call_based(code: str, all_inputs: list[Any], all_outputs: list[Any], fn_name: str, timeout: float) -> Graded:
    """Call the function for each test."""
    code = import_string + "\n\n" + code
    compiled_sol = compile_code(code, timeout)
    method = get_function(compiled_sol, fn_name)
    if method is None:
        return None
    all_inputs = [[json.loads(line) for line in inputs.split("\n")] for inputs in all_inputs]
    OUT.put("parsed")
    all_outputs = [json.loads(output) for output in all_outputs]
    for idx, (gt_inp, gt_out) in enumerate(zip(all_inputs, all_outputs)):  # noqa: B905, B007
        ALARM.start(timeout)
        faulthandler.enable()
        try:
            prediction = method(*gt_inp)
            times = ALARM.stop()
            OUT.put("test", index=idx, **times, **_returned(prediction, gt_inp))
        except Exception as e:
            times = ALARM.stop()
            OUT.put("raised", index=idx, **times, error=described(e), inputs=truncatefn(gt_inp))
            return [], {}
        finally:
            ALARM.stop()
            faulthandler.disable()
            _report_tampering()
    return [], {}


def grade_stdio(code: str, all_inputs: list[str], all_outputs: list[str], timeout: float, stdin: str) -> Graded:
    """Call the wrapped program for each test."""
    code = make_function(clean_if_name(code))
    compiled_sol = compile_code(code, timeout)
    method = get_function(compiled_sol, "wrapped_function")
    if method is None:
        return None
    OUT.put("parsed")
    for idx, (gt_inp, gt_out) in enumerate(zip(all_inputs, all_outputs)):  # noqa: B905, B007
        faulthandler.enable()
        ALARM.start(timeout)
        error = None
        with Capturing() as captured_output:
            try:
                call_method(method, gt_inp, stdin)
                times = ALARM.stop()
            except Exception as e:
                times = ALARM.stop()
                error = described(e)
            finally:
                ALARM.stop()
                faulthandler.disable()
        _report_tampering()
        if error is not None:
            OUT.put("raised", index=idx, **times, error=error)
            return [], {}
        prediction = captured_output[0]
        if type(prediction) is not str:
            OUT.put("cheat", what="output")
        OUT.put("test", index=idx, **times, **OUT.output(str.__str__(prediction)))
    return [], {}


def run_test(sample: dict[str, str], test: str, debug: bool, timeout: float, stdin: str) -> None:
    """Grade, and say how it ended."""
    reliability_guard(test)
    in_outs = json.loads(sample["input_output"])
    fn_name = in_outs["fn_name"]
    ALARM.start(timeout)
    try:
        if fn_name is None:
            _, _ = grade_stdio(test, in_outs["inputs"], in_outs["outputs"], timeout, stdin)  # type: ignore[misc]
        else:
            _, _ = grade_call_based(test, in_outs["inputs"], in_outs["outputs"], fn_name, timeout)  # type: ignore[misc]
        OUT.put("done")
    except Exception as e:
        OUT.put("failed", message=f"Error during testing: {e}", error=type(e).__name__)
    finally:
        ALARM.stop()


def _temp_run(
    sample: dict[str, str],
    generation: str,
    debug: bool,
    result: list[Any],
    metadata_list: list[Any],
    timeout: float,
    stdin: str,
) -> None:
    """The bottom of the stack that a candidate sees: here the grader keeps what it found."""
    run_test(sample, generation, debug, timeout, stdin)


# What follows the grader does not have: the look at answers, and how this process is made to resemble its own.


def _returned(prediction: Any, gt_inp: list[Any]) -> dict[str, object]:  # noqa: ANN401
    """A returned value as fields of a record."""
    if isinstance(prediction, tuple):
        prediction = list(prediction)
    encoder = Encoder(OUT.mark)
    fields: dict[str, object] = {"shape": list(prediction.shape)} if is_array(prediction) else {}
    try:
        text = ENCODE(encoder.encode(prediction.ravel().tolist() if fields else prediction))
    except Exception:
        text = ENCODE({"$r": type(prediction).__name__})
    if encoder.lied:
        OUT.put("cheat", what="equality")
    try:
        fields |= {"shown": truncatefn(prediction), "inputs": truncatefn(gt_inp)}
    except Exception as e:
        fields["shown_error"] = described(e)
    return OUT.output(text) | fields


def _report_tampering() -> None:
    if WATCH.broken():
        OUT.put("cheat", what="grader")


def _prepare() -> dict[str, Any]:
    """Read the task from standard input, which is empty from then on, and set what the agent sets otherwise."""
    task: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    sys.stdin.close()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (_STACK_BYTES, hard))
    threading.stack_size(_STACK_BYTES)
    sys.setswitchinterval(task["switch_s"])
    sys.setrecursionlimit(1000)  # until the candidate's first lines raise it
    return task


def _disguise() -> None:
    """Be found under the grader's name, and not as __main__."""
    this = sys.modules["__main__"]
    package, evaluation = types.ModuleType("lcb_runner"), types.ModuleType("lcb_runner.evaluation")
    package.evaluation, evaluation.testing_util = evaluation, this  # type: ignore[attr-defined]
    this.__name__ = "lcb_runner.evaluation.testing_util"
    for module in (package, evaluation, this):
        sys.modules[module.__name__] = module
    sys.modules["__main__"] = types.ModuleType("__main__")


def main() -> None:
    """Be this program."""
    leave = os._exit
    task = _prepare()
    OUT.open(budget=task["budget"], mark=task["mark"])
    ALARM.install()
    _disguise()
    content = {"inputs": task["inputs"], "outputs": [task["mark"]] * len(task["inputs"]), "fn_name": task["fn_name"]}
    sample = {"input_output": json.dumps(content)}
    code, timeout, stdin = task["code"], task["timeout"], task["stdin"]
    del task, content
    OUT.put("started")
    WATCH.start(globals(), (get_stripped_lines, convert_line_to_decimals, truncatefn))
    try:
        _temp_run(sample, code, False, Results(), Results(), timeout, stdin)
    finally:
        leave(0)


if __name__ == "__main__":
    main()
