"""From a judgement to reward and metrics; the judgements are made by hand here."""

import asyncio

import pytest
import verifiers as vf

from lcb_ray.agent.protocol import Outcome, Usage
from livecodebench.answers.extraction import extract
from livecodebench.environment.rubric import JudgeRubric
from livecodebench.problem import Difficulty
from livecodebench.rewards.reward import reward_of
from livecodebench.submission import Submission
from livecodebench.verdict import Judgement, JudgementError, TestVerdict, Verdict

PARSER = vf.Parser(extract_fn=lambda text: extract(text).code)


def a_test(index, verdict, cpu_s=0.25, **more):
    usage = Usage(cpu_s=cpu_s, wall_s=1.0, max_rss_bytes=1)
    ended = {"outcome": Outcome.EXITED, "exit_code": 0, "signal": None, "usage": usage}
    return TestVerdict(index=index, verdict=verdict, **ended, **more)


def judgement(submission, verdict, *, tests=(), total=4, error=None):
    return Judgement(
        model=submission.model,
        question_id=submission.question_id,
        sample=0,
        grading="standard",
        verdict=verdict,
        error=error,
        tests_total=total,
        tests=tuple(tests),
    )


def state(answer="```python\nprint(1)\n```", **fields):
    return {
        "info": {"question_id": "own_a"},
        "model": "tiny-1",
        "prompt": [],
        "completion": [{"role": "assistant", "content": answer}],
        "trajectory": [{"advantage": None, "reward": None}],
        "error": None,
    } | fields


class Judge:
    """Gives the judgements of a list, by the program; keeps what it was asked."""

    def __init__(self, verdicts, **fields):
        self.verdicts = verdicts
        self.fields = fields
        self.asked = []

    async def __call__(self, submission):
        self.asked.append(submission)
        await asyncio.sleep(0)
        verdict = self.verdicts[submission.code]
        if verdict is None:
            error = JudgementError("SandboxLost", "the agent is gone (tried 3 times)", 3)
            return judgement(submission, None, error=error)
        return judgement(submission, verdict, **self.fields)


def scored(judge, *states):
    rubric = JudgeRubric(judge, parser=PARSER)
    if len(states) == 1:
        asyncio.run(rubric.score_rollout(states[0]))
    else:
        asyncio.run(rubric.score_group(list(states)))
    return states[0]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_reward_is_one_for_accepted_only_and_the_verdict_is_a_metric(verdict):
    result = scored(Judge({"print(1)": verdict}), state())
    assert result["reward"] == (1.0 if verdict is Verdict.ACCEPTED else 0.0)
    assert result["metrics"]["passed"] == result["reward"]
    names = {str(each): result["metrics"][each] for each in Verdict if each is not Verdict.ACCEPTED}
    assert names == {str(each): float(each is verdict) for each in Verdict if each is not Verdict.ACCEPTED}
    assert result["judgement"]["verdict"] == verdict
    assert result["error"] is None


def test_fraction_and_time_are_of_the_tests_that_ran():
    tests = [a_test(0, Verdict.ACCEPTED), a_test(1, Verdict.ACCEPTED), a_test(2, Verdict.WRONG_ANSWER, cpu_s=1.5)]
    result = scored(Judge({"print(1)": Verdict.WRONG_ANSWER}, tests=tests, total=8), state())
    assert result["metrics"]["tests_passed"] == 2 / 8
    assert result["metrics"]["cpu_seconds"] == 2.0


def test_no_expected_output_is_in_the_state():
    wrong = a_test(0, Verdict.WRONG_ANSWER, reason="line 1: expected 'secret', printed '1'")
    result = scored(Judge({"print(1)": Verdict.WRONG_ANSWER}, tests=[wrong]), state())
    assert "secret" in str(Judgement.as_json(judgement(Submission("own_a", ""), Verdict.WRONG_ANSWER, tests=[wrong])))
    assert "secret" not in str(result)


def test_a_problem_without_tests_has_a_fraction_too():
    assert scored(Judge({"print(1)": Verdict.ACCEPTED}, total=0), state())["metrics"]["tests_passed"] == 1.0


def test_the_program_is_taken_from_the_last_message_of_the_model():
    judge = Judge({"": Verdict.NO_CODE})
    for completion in (
        [],
        [{"role": "assistant", "content": None}],
        [{"role": "assistant", "content": "I do not know"}],
    ):
        scored(judge, state(completion=completion))
    assert [(asked.question_id, asked.model, asked.code) for asked in judge.asked] == [("own_a", "tiny-1", "")] * 3


def test_a_fault_is_an_error_and_has_no_metrics():
    result = scored(Judge({"print(1)": None}), state())
    assert isinstance(result["error"], vf.SandboxError)
    assert isinstance(result["error"], vf.InfraError), "what verifiers retries"
    assert str(result["error"]) == "SandboxLost: the agent is gone (tried 3 times)"
    assert result["metrics"] == {}
    assert result["judgement"]["verdict"] is None


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"error": vf.ModelError("500")}, vf.ModelError),
        ({"timed_out": True, "completion": []}, vf.ModelError),
        ({"prompt_too_long": True, "completion": []}, vf.OverlongPromptError),
    ],
)
def test_a_model_that_could_not_answer_is_not_judged(fields, kind):
    judge = Judge({})
    result = scored(judge, state(**fields))
    assert isinstance(result["error"], kind)
    assert judge.asked == []
    assert result["metrics"] == {}


def test_in_a_group_a_fault_does_not_lower_the_baseline():
    judge = Judge({"right": Verdict.ACCEPTED, "wrong": Verdict.WRONG_ANSWER, "fault": None})
    states = [state(f"```python\n{word}\n```") for word in ("right", "wrong", "fault", "fault")]
    scored(judge, *states)
    assert [one["error"] is None for one in states] == [True, True, False, False]
    assert [one["reward"] for one in states[:2]] == [1.0, 0.0]
    assert [one["advantage"] for one in states] == [0.5, -0.5, 0.0, 0.0]


def test_a_group_of_faults_is_no_error_of_its_own():
    states = [state(), state()]
    scored(Judge({"print(1)": None}), *states)
    assert all(isinstance(one["error"], vf.SandboxError) for one in states)


def test_a_bug_of_the_judge_is_raised_and_not_scored():
    async def broken(submission):
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        scored(broken, state())


def test_another_reward_stands_beside_passed():
    half = (a_test(0, Verdict.ACCEPTED), a_test(1, Verdict.WRONG_ANSWER))
    judge = Judge({"print(1)": Verdict.WRONG_ANSWER}, tests=half, total=2)
    reward = reward_of("fraction", {"hard": 4.0}, all_tests=True)
    rubric = JudgeRubric(judge, parser=PARSER, reward=reward, difficulty_of=lambda _: Difficulty.HARD)
    scored = state()
    asyncio.run(rubric.score_rollout(scored))
    assert scored["reward"] == 2.0
    assert scored["metrics"]["passed"] == 0.0
    assert scored["metrics"]["tests_passed"] == 0.5
    assert scored["metrics"]["rewarded"] == 2.0
