"""`evaluate(client, model, env)` over HTTP: who may call it how, and what becomes of each kind of fault.

No program runs here: answers without a program are judged without a sandbox, and the sandboxes are lost as soon as a
program is to run. tests/jail has the same with programs.
"""

import asyncio
import itertools
import json
import signal
import threading

import openai
import pytest
import verifiers as vf
from datasets import Dataset

import livecodebench
from lcb_ray.errors import SandboxUnusable
from livecodebench.environment import evaluate, evaluate_async
from livecodebench.errors import InputError

MODEL = "tiny-1"
PROGRAM = "```python\nprint(int(input()) * 2)\n```"
NO_PROGRAM = "I do not know."


def errors_of(result):
    return [output["error"] and output["error"]["error"] for output in result["outputs"]]


def check_nothing_is_scored(result, *, rollouts):
    """Every rollout has an error, and no number says anything about the model."""
    assert len(result["outputs"]) == rollouts
    assert None not in errors_of(result)
    assert [output["reward"] for output in result["outputs"]] == [None] * rollouts
    assert result["metadata"]["avg_reward"] is None
    assert result["metadata"]["avg_error"] == 1.0
    assert result["summary"]["pass@1"] is None
    assert result["summary"]["pass@1_range"] == [0.0, 1.0]
    assert (result["summary"]["errors"], result["summary"]["judged"]) == (rollouts, 0)


@pytest.fixture
def clients(client_at):
    return lambda url: {
        "OpenAI": openai.OpenAI(base_url=url, api_key="k"),
        "AsyncOpenAI": client_at(url),
        "ClientConfig": vf.ClientConfig(api_base_url=url, api_key_var="LIVECODEBENCH_TEST_KEY"),
        "Client": vf.OpenAIChatCompletionsClient(client_at(url)),
        "URL": url,
    }


@pytest.mark.parametrize("kind", ["OpenAI", "AsyncOpenAI", "ClientConfig", "Client", "URL"])
def test_every_kind_of_client_twice_in_a_row(make_env, serve, requests_of, clients, kind):
    server = serve(NO_PROGRAM)
    client, env = clients(server.base_url)[kind], make_env()
    for _ in range(2):
        result = livecodebench.evaluate(client, MODEL, env)
        assert result["summary"]["verdicts"]["no_code"] == 3
        assert result["summary"]["pass@1"] == 0.0
        assert result["metadata"]["avg_reward"] == 0.0
    assert requests_of(server) == 6


def test_arguments_in_another_order_are_refused_with_the_right_one(make_env, serve, requests_of):
    server = serve(NO_PROGRAM)
    given = (server.base_url, MODEL, make_env())
    for wrong in itertools.permutations(given):
        if wrong != given:
            with pytest.raises(TypeError, match=r"the order is evaluate\(client, model, env\)"):
                evaluate(*wrong)
    with pytest.raises(TypeError, match="evaluate\\(str, str, LiveCodeBenchEnv\\)") as refusal:
        evaluate("sk-secret", *given[1:])
    assert "secret" not in str(refusal.value), "it may be a key"
    with pytest.raises(TypeError, match="unexpected keyword argument 'num_example'"):
        evaluate(*given, num_example=1)
    assert requests_of(server) == 0


def test_it_can_be_called_where_a_loop_runs_and_awaited(make_env, serve):
    url, env = serve(NO_PROGRAM).base_url, make_env()

    async def both():
        return evaluate(url, MODEL, env), await evaluate_async(url, MODEL, env)

    waited, awaited = asyncio.run(both())
    assert waited["summary"] == awaited["summary"]
    assert awaited["summary"]["judged"] == 3


def test_it_can_be_called_in_threads_with_one_environment(make_env, serve):
    url, env = serve(NO_PROGRAM).base_url, make_env()
    results = []
    threads = [threading.Thread(target=lambda: results.append(evaluate(url, MODEL, env))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result["summary"]["judged"] for result in results] == [3, 3]


def test_every_answer_is_asked_for_once_and_has_its_own_line(make_env, serve, requests_of):
    server = serve(NO_PROGRAM)
    result = evaluate(server.base_url, MODEL, make_env(), num_examples=2, rollouts_per_example=3)
    ids = [output["info"]["question_id"] for output in result["outputs"]]
    assert ids == ["own_a"] * 3 + ["own_b"] * 3
    assert requests_of(server) == 6
    assert result["summary"]["submissions"] == 6
    assert result["summary"]["problems_missing"] == 1


def test_sampling_arguments_and_stop_texts_are_sent(make_env, script):
    told = script()
    env = make_env(style=livecodebench.prompts.find_style("LLaMa3"))
    evaluate(told.base_url, MODEL, env, num_examples=1, sampling_args={"temperature": 0.3, "max_tokens": 9})
    (body,) = told.bodies
    assert body["stop"] == ["###"]
    assert (body["temperature"], body["max_completion_tokens"], body["model"]) == (0.3, 9, MODEL)


def test_an_empty_answer_is_a_wrong_answer(make_env, serve, requests_of):
    server = serve(PROGRAM, empty_rate=1.0)
    result = evaluate(server.base_url, MODEL, make_env(), max_retries=2)
    assert errors_of(result) == [None] * 3
    assert [output["reward"] for output in result["outputs"]] == [0.0] * 3
    assert result["summary"]["verdicts"]["no_code"] == 3
    assert requests_of(server) == 3, "it is not asked for again"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (vf.OpenAIChatCompletionsClient, "ModelError"),
        (vf.OpenAICompletionsClient, "EmptyModelResponseError"),
    ],
)
def test_no_answer_at_all_is_a_fault(make_env, script, client_at, kind, error):
    told = script({"id": "x", "object": "text_completion", "created": 0, "model": MODEL, "choices": None})
    result = evaluate(kind(client_at(told.base_url)), MODEL, make_env())
    assert errors_of(result) == [error] * 3
    check_nothing_is_scored(result, rollouts=3)


@pytest.mark.parametrize("fault", ["error_rate", "drop_rate"])
def test_an_api_that_fails_is_a_fault_and_retries_are_bounded(make_env, serve, client_at, requests_of, fault):
    server = serve(PROGRAM, **{fault: 1.0})
    client = client_at(server.base_url, max_retries=1)
    result = evaluate(client, MODEL, make_env())
    check_nothing_is_scored(result, rollouts=3)
    assert set(errors_of(result)) == {"ModelError"}
    assert requests_of(server) == 6, "each was tried twice"


def test_some_faults_leave_the_others_their_scores(make_env, serve, client_at):
    server = serve(NO_PROGRAM, error_rate=0.5, seed=3)
    client = client_at(server.base_url, max_retries=0)
    result = evaluate(client, MODEL, make_env(), rollouts_per_example=8)
    outcomes = server.stats()["outcomes"]
    assert 0 < outcomes["server_error"] < 24
    faults = [output for output in result["outputs"] if output["error"]]
    assert len(faults) == outcomes["server_error"] == result["summary"]["errors"]
    assert {output["reward"] for output in faults} == {None}
    assert result["summary"]["verdicts"]["no_code"] == outcomes["served"] == 24 - len(faults)
    assert result["metadata"]["avg_reward"] == 0.0
    assert result["metadata"]["pass_at_k"] == {}


def test_lost_sandboxes_are_faults_tried_three_times_without_asking_again(make_env, serve, starts, requests_of):
    server = serve(PROGRAM)
    result = evaluate(server.base_url, MODEL, make_env())
    check_nothing_is_scored(result, rollouts=3)
    assert {output["error"]["message"] for output in result["outputs"]} == {
        "SandboxLost: the agent is gone (tried 3 times)"
    }
    assert requests_of(server) == 3


def test_verifiers_own_retries_ask_again_and_are_bounded(make_env, serve, requests_of):
    server = serve(PROGRAM)
    result = evaluate(server.base_url, MODEL, make_env(), num_examples=1, max_retries=1)
    assert errors_of(result) == ["SandboxError"]
    assert requests_of(server) == 2


def test_a_fault_is_retried_without_the_other_answers_to_its_problem(make_env, serve, requests_of):
    server = serve(NO_PROGRAM, PROGRAM, NO_PROGRAM)
    result = evaluate(server.base_url, MODEL, make_env(), num_examples=1, rollouts_per_example=3, max_retries=1)
    assert errors_of(result) == [None] * 3, "the answer that was asked for again has no program"
    assert requests_of(server) == 4


def test_without_sandboxes_the_model_is_not_asked(make_env, serve, client_at, requests_of):
    tried = []

    def refuse():
        tried.append(1)
        raise SandboxUnusable("this machine cannot jail programs safely: no seccomp")

    server, env = serve(PROGRAM), make_env(refuse)
    with pytest.raises(SandboxUnusable, match="no seccomp"):
        evaluate(server.base_url, MODEL, env)
    client = vf.OpenAIChatCompletionsClient(client_at(server.base_url))
    outputs = asyncio.run(env.evaluate(client, MODEL))["outputs"]
    assert [output["error"]["error_chain_str"] for output in outputs] == ["SandboxError -> SandboxUnusable"] * 3
    assert requests_of(server) == 0
    assert tried == [1], "what cannot work is tried once"


def test_a_refused_key_ends_it(make_env, script):
    told = script({"error": {"message": "wrong key"}}, status=401)
    with pytest.raises(openai.AuthenticationError):
        evaluate(told.base_url, MODEL, make_env(), num_examples=1)


def test_resuming_asks_again_for_faults_only(make_env, serve, client_at, requests_of, lines_of, tmp_path):
    folder, env = tmp_path / "run", make_env()
    server = serve(NO_PROGRAM, error_rate=0.5, seed=3)
    client = client_at(server.base_url, max_retries=0)
    first = evaluate(client, MODEL, env, rollouts_per_example=4, results_path=folder)
    assert 0 < first["summary"]["errors"] < 12
    stored = json.loads((folder / "metadata.json").read_text())
    assert (stored["avg_reward"], stored["pass_at_k"]) == (0.0, {})
    second = serve(NO_PROGRAM)
    result = evaluate(second.base_url, MODEL, env, rollouts_per_example=4, results_path=folder)
    assert requests_of(second) == first["summary"]["errors"]
    assert (result["summary"]["errors"], result["summary"]["judged"]) == (0, 12)
    assert result["summary"]["pass@1"] == 0.0
    assert [line["error"] for line in lines_of(folder)] == [None] * 12
    with pytest.raises(InputError, match=r"sampling_args\.temperature"):
        evaluate(
            second.base_url, MODEL, env, rollouts_per_example=4, results_path=folder, sampling_args={"temperature": 1}
        )


def test_without_a_folder_nothing_is_written(make_env, serve, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evaluate(serve(NO_PROGRAM).base_url, MODEL, make_env())
    assert list(tmp_path.iterdir()) == [tmp_path / "problems.jsonl"]


def test_another_style_than_the_models_is_said(make_env, serve, caplog):
    server = serve(NO_PROGRAM)
    evaluate(server.base_url, "claude-3-opus-20240229", make_env())
    assert "asks claude-3-opus-20240229 in the style Claude3, this environment asks in OpenAIChat" in caplog.text
    caplog.clear()
    evaluate(server.base_url, "gpt-4o-2024-05-13", make_env())
    evaluate(server.base_url, "nobody-knows-me", make_env())
    assert "style" not in caplog.text


def test_other_environments_work_too(serve, problems_file):
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        content = json.loads(problems_file.read_text().splitlines()[0])["question_content"]
        rubric = vf.Rubric(funcs=[lambda completion: 0.5])
        rubric.funcs[0].__name__ = "half"
        env = vf.SingleTurnEnv(dataset=Dataset.from_list([{"question": content, "answer": ""}]), rubric=rubric)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    result = evaluate(serve(NO_PROGRAM).base_url, MODEL, env)
    assert result["outputs"][0]["reward"] == 0.5
    assert "summary" not in result
