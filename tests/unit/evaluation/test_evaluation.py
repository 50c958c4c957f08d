"""Both halves together: the real client, the real replay server and the real store; only the judge is scripted."""

import asyncio
import json
from concurrent.futures import Future

import pytest

from livecodebench.answers.completion import Completion
from livecodebench.errors import DatasetError, OutputError
from livecodebench.evaluation.asking import Asker
from livecodebench.evaluation.engine import Evaluation
from livecodebench.evaluation.generation_store import COMPLETIONS, GenerationStore
from livecodebench.model_client.client import ModelClient
from livecodebench.model_client.connection import Connection
from livecodebench.model_client.errors import ModelRefused
from livecodebench.model_client.key import ApiKey
from livecodebench.model_client.retry import RetryPolicy
from livecodebench.model_client.sampling import Sampling
from livecodebench.prompts import STYLES
from livecodebench.replay.faults import Faults
from livecodebench.replay.stored import StoredCompletions
from livecodebench.results.folder import ResultsFolder
from livecodebench.results.plan import Plan
from livecodebench.verdict import Judgement, JudgementError, Verdict

MODEL = "tiny-1"
FINGERPRINT = {"grading": "standard", "dataset": {"name": "own", "revision": None, "filters": {}}}


class ScriptedJudge:
    """Accepts what prints; at once, or when told. Raises, or blames the sandbox, where it is told to."""

    def __init__(self, *, wait=False, fault=None, bug=None):
        self.submitted = []
        self.wait = wait
        self.waiting = []
        self._fault = fault
        self._bug = bug

    def submit(self, submission):
        self.submitted.append(submission)
        self.waiting.append((future := Future(), submission))
        if not self.wait:
            self.settle()
        return future

    def settle(self):
        """Answer all that waits."""
        while self.waiting:
            future, submission = self.waiting.pop()
            if self._bug is not None:
                future.set_exception(self._bug)
                continue
            verdict = Verdict.ACCEPTED if "print" in submission.code else Verdict.NO_CODE
            future.set_result(
                Judgement(
                    model=submission.model,
                    question_id=submission.question_id,
                    sample=submission.sample,
                    grading="standard",
                    verdict=None if self._fault else verdict,
                    error=self._fault,
                    tests_total=0,
                )
            )


class Run:
    """What a command holds while it evaluates, in a folder that a later run resumes."""

    def __init__(self, folder, problems, time, *, samples=1):
        self.folder = folder
        self.problems = problems
        self.time = time
        self.samples = samples
        self.judge = ScriptedJudge()
        self.standings = []

    def __call__(self, server, *, style="OpenAIChat", key=None, sampling=None, on_change=None, **settings):
        plan = Plan.of(
            ((MODEL, problem.question_id) for problem in self.problems for _ in range(self.samples)),
            {problem.question_id: problem for problem in self.problems},
        )
        with (
            ResultsFolder(self.folder, fingerprint=FINGERPRINT, plan=plan) as self.results,
            GenerationStore(self.folder) as self.store,
        ):
            asyncio.run(self._run(server, STYLES[style], key, sampling or Sampling(), on_change, settings))
            return self.results.summary()

    async def _run(self, server, style, key, sampling, on_change, settings):
        retry = RetryPolicy(attempts=3)
        connection = Connection(base_url=server.base_url, key=ApiKey(key), use_proxy=False, retry=retry)
        async with ModelClient(connection, sleep=self.time.sleep, clock=self.time) as client:
            asker = Asker(client=client, model=MODEL, style=style, endpoint=style.endpoint, sampling=sampling)
            self.evaluation = Evaluation(
                self.problems,
                samples=self.samples,
                asker=asker,
                rule="official",
                judge=self.judge,
                store=self.store,
                results=self.results,
                on_change=on_change or (lambda standing: None),
                **settings,
            )
            await self.evaluation.run()

    @property
    def lines(self):
        return [json.loads(line) for line in (self.folder / "judgements.jsonl").read_text().splitlines()]


@pytest.fixture
def run(tmp_path, problems, time):
    return Run(tmp_path / "results", problems, time)


@pytest.fixture
def three(tmp_path, problems, time):
    """The three problems that have three completions each."""
    return Run(tmp_path / "results", problems[:3], time, samples=3)


def test_every_answer_is_judged(run, serve, problems):
    server = serve()
    summary = run(server)
    assert summary["judged"] == summary["passed"] == len(problems)
    assert summary["complete"]
    assert server.stats()["requests"] == len(problems)
    codes = {submission.question_id: submission.code for submission in run.judge.submitted}
    assert codes["own_b"] == "# own_b/0\nprint(int(input()) * 2)"
    assert run.store.totals.answered == len(problems)


@pytest.mark.parametrize("style", ["Claude3", "GenericBase", "DeepSeekR1", "Gemini"])
def test_every_kind_of_prompt(run, serve, style):
    assert run(serve(), style=style)["judged"] == 4


def test_each_sample_gets_its_own_answer(three, serve):
    summary = three(serve(), concurrent_requests=9)
    assert summary["judged"] == 9
    for submission in three.judge.submitted:
        assert submission.code.startswith(f"# {submission.question_id}/{submission.sample}\n")


def test_nothing_is_asked_or_judged_twice(three, serve):
    server = serve()
    first = three(server)
    before = server.stats()
    three.judge = ScriptedJudge()
    assert three(server) == first
    assert server.stats() == before
    assert three.judge.submitted == []
    assert three.evaluation.standing.stored == three.evaluation.standing.judged == 9


def test_a_stored_answer_without_a_verdict_is_judged(three, serve):
    server = serve()
    three(server)
    (three.folder / "judgements.jsonl").write_bytes(b"")
    before = server.stats()
    three.judge = ScriptedJudge()
    assert three(server)["judged"] == 9
    assert server.stats() == before
    assert len(three.judge.submitted) == 9


def test_only_what_is_missing_is_asked(three, serve):
    server = serve()
    three(server)
    path = three.folder / COMPLETIONS
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:4]) + lines[4][:-5])
    (three.folder / "judgements.jsonl").write_bytes(b"")
    assert three(server)["judged"] == 9
    stats = server.stats()
    kept = {(row["question_id"], str(row["sample"])) for row in map(json.loads, lines[:4])}
    for question_id, samples in stats["served"][MODEL].items():
        assert samples == {sample: 1 if (question_id, sample) in kept else 2 for sample in "012"}


def test_requests_are_bounded(three, serve):
    server = serve(Faults(latency_s=(0.05, 0.05)))
    three(server, concurrent_requests=2)
    assert server.stats()["most_running"] == 2


def test_judging_is_bounded_and_does_not_hold_up_generating(three, serve):
    three.judge = ScriptedJudge(wait=True)
    most = 0

    def settle_when_all_are_answered(standing):
        nonlocal most
        most = max(most, len(three.judge.waiting))
        if standing.answered == 9:
            three.judge.wait = False
            three.judge.settle()

    limits = {"concurrent_requests": 1, "concurrent_judgements": 2}
    summary = three(serve(), on_change=settle_when_all_are_answered, **limits)
    assert summary["judged"] == 9
    assert most == 2


def test_a_sample_without_an_answer_is_an_error_and_no_score(run, serve, problems):
    completions = StoredCompletions({MODEL: {"own_a": [Completion(text="```\nprint(1)\n```")]}})
    server = serve(completions=completions)
    summary = run(server)
    assert (summary["judged"], summary["errors"], summary["pass@1"]) == (1, 3, None)
    assert summary["pass@1_range"] == [0.25, 1.0]
    errors = [line["error"] for line in run.lines if line["error"]]
    assert {error["type"] for error in errors} == {"ModelError"}
    assert all("Nothing is stored for problem" in error["message"] for error in errors)
    assert run.evaluation.standing.failed == 3
    again = run(serve())
    assert (again["judged"], again["errors"], again["pass@1"]) == (4, 0, 1.0)
    assert len(run.lines) == 4


def test_failures_are_outlived(three, serve):
    server = serve(Faults(error_rate=0.3, seed=2))
    assert three(server)["judged"] == 9
    assert server.stats()["outcomes"]["server_error"] > 0


def test_an_api_that_is_down_is_not_asked_for_ever(three, serve):
    server = serve(Faults(error_rate=1.0))
    summary = three(server, concurrent_requests=1)
    assert (summary["judged"], summary["errors"]) == (0, 9)
    assert server.stats()["requests"] == 5 * 3, "five samples, three attempts each"
    attempts = sorted(line["error"]["attempts"] for line in three.lines)
    assert attempts == [0] * 4 + [3] * 5
    assert "not asked, since the API failed before: status 500" in three.lines[-1]["error"]["message"]


def test_a_wrong_key_ends_it_before_anything_is_judged(three, serve):
    server = serve(key="the-right-key")
    with pytest.raises(ModelRefused, match=r"status 401.*check the key in OPENAI_API_KEY"):
        three(server, key="the-wrong-key", concurrent_requests=2)
    assert server.stats()["requests"] <= 2
    assert three.judge.submitted == []
    assert "wrong-key" not in "".join(path.read_text() for path in three.folder.rglob("*") if path.is_file())
    assert three(server, key="the-right-key")["judged"] == 9


def test_the_key_is_in_no_file(three, serve, script):
    key = "sk-0123456789-abcdef"
    three(serve(Faults(error_rate=0.9), key=key), key=key, concurrent_requests=1)
    text = "".join(path.read_text() for path in three.folder.rglob("*") if path.is_file())
    assert "status 500" in text
    assert key not in text


def test_a_model_that_is_not_there(three, serve):
    completions = StoredCompletions({"another": {"own_a": [Completion(text="x")]}})
    with pytest.raises(ModelRefused, match="check the model's name"):
        three(serve(completions=completions))


def test_empty_and_truncated_answers_are_counted_apart(three, serve):
    summary = three(serve(Faults(empty_rate=0.4, truncate_rate=0.4, seed=1)))
    totals = three.store.totals
    assert totals.empty > 0
    assert totals.truncated > 0
    assert summary["errors"] == 0
    assert summary["verdicts"]["no_code"] >= totals.empty


def test_tokens_are_summed(three, serve):
    three(serve())
    totals = three.store.totals
    rows = [json.loads(line) for line in (three.folder / COMPLETIONS).read_text().splitlines()]
    assert totals.prompt_tokens == sum(row["prompt_tokens"] for row in rows) > 0
    assert totals.completion_tokens == sum(row["completion_tokens"] for row in rows) > 0


def test_a_sandbox_failure_is_an_error(run, serve):
    run.judge = ScriptedJudge(fault=JudgementError("SandboxLost", "gone", 3))
    server = serve()
    summary = run(server)
    assert (summary["judged"], summary["errors"]) == (0, 4)
    assert run.evaluation.standing.errors == 4
    run.judge = ScriptedJudge()
    assert run(server)["judged"] == 4
    assert server.stats()["requests"] == 4, "judged again, not asked again"


@pytest.mark.parametrize("error", [DatasetError("problems.jsonl:3: damaged"), ZeroDivisionError("a bug")])
def test_what_the_judge_raises_is_raised(three, serve, error):
    three.judge = ScriptedJudge(bug=error)
    with pytest.raises(type(error), match=str(error)):
        three(serve(Faults(latency_s=(0.01, 0.05))))


def test_a_full_disk_ends_it(three, serve, monkeypatch):
    def full(key, completion):
        raise OutputError("no space left")

    monkeypatch.setattr(GenerationStore, "add", lambda self, key, completion: full(key, completion))
    server = serve(Faults(latency_s=(0.01, 0.05)))
    with pytest.raises(OutputError, match="no space left"):
        three(server, concurrent_requests=2)
    assert server.stats()["requests"] <= 3


def test_progress_counts_both_halves(three, serve):
    seen = []
    three(serve(), on_change=lambda standing: seen.append((standing.answered, standing.judged, standing.asking)))
    assert seen[-1] == (9, 9, 0)
    assert [answered for answered, _, _ in seen] == sorted(answered for answered, _, _ in seen)
    assert three.evaluation.standing.passed == 9
