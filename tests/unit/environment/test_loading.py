"""`load_environment`: what it takes, what it refuses, and what it leaves alone."""

import inspect
import json
import os
import signal
import subprocess
import sys
import threading
from textwrap import dedent

import pytest
import verifiers as vf

import livecodebench
from livecodebench.errors import InputError

VARIABLES = ("DATASET", "BACKEND", "SLOTS", "POOL_SIZE", "NO_VF_EVALUATE")


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    """No variables, and a verifiers without `evaluate`, whatever ran before."""
    for name in VARIABLES:
        monkeypatch.delenv(f"LIVECODEBENCH_{name}", raising=False)
    monkeypatch.delitem(vars(vf), "evaluate", raising=False)


def ids(env):
    return [info["question_id"] for info in env.get_eval_dataset()["info"]]


def test_verifiers_finds_it(problems_file):
    env = vf.load_environment("livecodebench", dataset=problems_file)
    assert env.env_id == "livecodebench"
    assert ids(env) == ["own_a", "own_b", "own_c"]
    assert env.get_dataset()["example_id"] == [0, 1, 2]
    assert set(env.get_dataset().column_names) == {"prompt", "info", "example_id"}


def test_the_guides_arguments_are_there_and_no_others_are_taken():
    named = inspect.signature(livecodebench.load_environment).parameters
    assert {"dataset_name", "version_tag", "num_examples", "pool_size", "backend"} <= named.keys()
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in named.values())
    with pytest.raises(TypeError, match="unexpected keyword argument 'poolsize'"):
        livecodebench.load_environment(poolsize=3)
    with pytest.raises(RuntimeError, match="unexpected keyword argument 'poolsize'"):
        vf.load_environment("livecodebench", poolsize=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dataset_name": "somebody/else"}, "dataset_name: .*somebody/else.* only livecodebench/code_generation_lite"),
        ({"version_tag": "release_v99"}, "unknown release 'release_v99'"),
        ({"dataset": "absent.jsonl"}, r"no file absent\.jsonl"),
        ({"dataset": "absent"}, "neither mini nor a release"),
        ({"dataset": "mini", "dataset_revision": "main"}, "only releases have revisions"),
        ({"backend": "cloud"}, "cloud.* choose one of local, docker, ray, kubernetes"),
        ({"pool_size": 0}, "pool-size must be at least 1"),
        ({"num_examples": 0}, "num_examples: must be 1 or more"),
        ({"start_date": "2024-13-01"}, "start-date"),
        ({"platform": ["leetcode", "kattis"]}, "kattis"),
        ({"prompt_style": "Verse"}, "prompt style 'Verse' is unknown"),
        ({"extraction": "first"}, "extraction rule 'first'"),
        ({"time_limit": -1}, "time-limit"),
        ({"reward": "fraction"}, "needs all_tests=True"),
        ({"difficulty_weights": {"hard": 0}}, "difficulty_weights: hard: must be a number above 0"),
    ],
)
def test_a_wrong_argument_is_refused_at_once(arguments, message):
    with pytest.raises(InputError, match=message):
        livecodebench.load_environment(**arguments)
    with pytest.raises(RuntimeError, match=message):
        vf.load_environment("livecodebench", **arguments)


def test_a_wrong_number_in_a_variable_is_named(monkeypatch):
    monkeypatch.setenv("LIVECODEBENCH_POOL_SIZE", "many")
    with pytest.raises(InputError, match="LIVECODEBENCH_POOL_SIZE: must be a whole number"):
        livecodebench.load_environment(dataset="mini")


def test_nothing_is_read_before_the_first_look(problems_file):
    env = livecodebench.load_environment(dataset=problems_file)
    problems_file.unlink()
    with pytest.raises(InputError, match=r"problems\.jsonl"):
        env.get_eval_dataset()


@pytest.mark.parametrize("backend", ["docker", "ray", "kubernetes"])
def test_a_release_and_any_backend_can_be_named_without_them(backend):
    args = livecodebench.load_environment(backend=backend, pool_size=30).env_args
    assert (args["dataset"], args["backend"], args["pool_size"]) == ("release_v5", backend, 30)
    assert livecodebench.load_environment(version_tag="v4_v6").env_args["dataset"] == "v4_v6"


def test_an_argument_goes_before_a_variable_and_a_variable_before_the_default(monkeypatch):
    monkeypatch.setenv("LIVECODEBENCH_DATASET", "mini")
    monkeypatch.setenv("LIVECODEBENCH_BACKEND", "docker")
    monkeypatch.setenv("LIVECODEBENCH_SLOTS", "3")
    monkeypatch.setenv("LIVECODEBENCH_POOL_SIZE", "5")

    def chosen(**arguments):
        args = livecodebench.load_environment(**arguments).env_args
        return [args[name] for name in ("dataset", "backend", "slots", "pool_size")]

    assert chosen() == ["mini", "docker", 3, 5]
    assert chosen(version_tag="release_v5", backend="local", slots=1, pool_size=2) == ["release_v5", "local", 1, 2]


def test_how_many_problems_and_in_which_order(problems_file):
    def chosen(**arguments):
        return ids(livecodebench.load_environment(dataset=problems_file, **arguments))

    assert chosen(num_examples=-1) == chosen(num_examples=99) == ["own_a", "own_b", "own_c"]
    assert chosen(num_examples=2) == ["own_a", "own_b"]
    assert chosen(start_date="2024-02-01", end_date="2024-02-28") == ["own_b"]
    assert chosen(ids=["own_c", "own_a"]) == ["own_a", "own_c"]
    orders = {tuple(chosen(shuffle_seed=seed)) for seed in range(8)}
    assert len(orders) > 1
    assert chosen(shuffle_seed=5, num_examples=2) == chosen(shuffle_seed=5)[:2]
    assert all(sorted(order) == ["own_a", "own_b", "own_c"] for order in orders)


def test_the_arguments_it_keeps_make_the_same_environment(problems_file):
    env = livecodebench.load_environment(
        dataset=problems_file, ids={"own_a", "own_b"}, shuffle_seed=1, system_prompt="", time_limit=2.5, all_tests=True
    )
    again = livecodebench.load_environment(**json.loads(json.dumps(env.env_args)))
    assert again.env_args == env.env_args
    assert again.get_dataset().to_list() == env.get_dataset().to_list()


def test_it_can_be_made_in_any_thread_and_leaves_signals_alone(problems_file):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    made = []
    thread = threading.Thread(target=lambda: made.append(livecodebench.load_environment(dataset=problems_file)))
    thread.start()
    thread.join()
    made.append(livecodebench.load_environment(dataset=problems_file))
    assert [ids(env) for env in made] == [["own_a", "own_b", "own_c"]] * 2
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_verifiers_gets_evaluate_where_it_has_none(problems_file, monkeypatch):
    assert not hasattr(vf, "evaluate")
    monkeypatch.setenv("LIVECODEBENCH_NO_VF_EVALUATE", "1")
    livecodebench.load_environment(dataset=problems_file)
    assert not hasattr(vf, "evaluate")
    monkeypatch.setenv("LIVECODEBENCH_NO_VF_EVALUATE", "0")
    livecodebench.load_environment(dataset=problems_file)
    assert vf.evaluate is livecodebench.evaluate
    monkeypatch.setattr(vf, "evaluate", "its own")
    livecodebench.load_environment(dataset=problems_file)
    assert vf.evaluate == "its own"


def run_python(script):
    command = [sys.executable, "-W", "error", "-c", dedent(script)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=110, env=dict(os.environ)).stdout


def test_importing_the_package_is_cheap():
    heavy = run_python(
        """
        import sys
        import livecodebench
        assert "load_environment" in livecodebench.__all__
        try:
            livecodebench.no_such_name
        except AttributeError as error:
            assert "no_such_name" in str(error)
        print({"verifiers", "ray", "numpy", "huggingface_hub", "typer", "openai", "datasets"} & sys.modules.keys())
        """
    )
    assert heavy == "set()\n"
