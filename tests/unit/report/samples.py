"""A results folder with its dataset and answers, whose every foreign text can be chosen."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

from lcb_ray.agent.protocol import Outcome, Usage
from lcb_ray.pool import SandboxInfo
from livecodebench.dataset.opening import open_dataset
from livecodebench.results.folder import ResultsFolder
from livecodebench.results.plan import Plan
from livecodebench.verdict import Judgement, JudgementError, OfficialResult, TestVerdict, Verdict
from tests.unit.conftest import make_row, write_jsonl

AC, WA, TLE, CE = Verdict.ACCEPTED, Verdict.WRONG_ANSWER, Verdict.TIME_LIMIT, Verdict.COMPILE_ERROR
INFO = SandboxInfo("local", "3.11.7", "2.4.6", {"no_network": ["seccomp"]})
LIMITS = {"cpu_s": 6.0, "memory_bytes": 1 << 30}


def one_test(verdict, index=0, *, cpu_s=0.25, rss=1 << 20, reason="line 1 differs"):
    return TestVerdict(
        index=index,
        verdict=verdict,
        outcome=Outcome.EXITED,
        exit_code=0,
        signal=None,
        usage=Usage(cpu_s=cpu_s, wall_s=cpu_s, max_rss_bytes=rss),
        reason="" if verdict is AC else reason,
    )


def judgement(question_id, sample, verdict, *, model="m", grading="standard", error="lost", detail="", **test):
    return Judgement(
        model=model,
        question_id=question_id,
        sample=sample,
        grading=grading,
        verdict=verdict,
        error=None if verdict is not None else JudgementError("SandboxLost", error, 3),
        tests_total=3,
        tests=() if verdict in (None, CE) else (one_test(verdict, **test),),
        detail=detail,
        official=None
        if grading == "standard"
        else OfficialResult(results=(verdict is AC,), metadata={}, cause="stdin"),
    )


class Sample:
    """Writes a dataset of three problems, answers to them, and a results folder.

    Attributes:
        folder: Of results.
        dataset: The file.
        generations: The file.
    """

    def __init__(self, where: Path, *, verdicts, model="m", grading="standard", title="Twice", code="print()", **texts):
        """`verdicts`: for each problem a list for its samples; with grading "both" of pairs."""
        self.folder, self.dataset, self.generations = where / "out", where / "problems.jsonl", where / "answers.jsonl"
        months = ("2024-01-10", "2024-05-03", "2024-05-20")
        difficulties = ("easy", "medium", "hard")
        rows = [
            make_row(name, question_title=title, contest_date=f"{months[at]}T00:00:00", difficulty=difficulties[at])
            for at, name in enumerate(verdicts)
        ]
        problems = open_dataset(write_jsonl(self.dataset, rows))
        answers = [
            {"question_id": name, "model": model, "code_list": [code] * len(of_problem)}
            for name, of_problem in verdicts.items()
        ]
        write_jsonl(self.generations, answers)
        described = problems.as_json()
        fingerprint = {
            "dataset": {name: described[name] for name in ("name", "revision", "filters")},
            "grading": grading,
            "limits": LIMITS,
            "extraction": "official",
        }
        plan = Plan.of(((model, name) for name, of_problem in verdicts.items() for _ in of_problem), problems)
        gradings = ("standard", "official") if grading == "both" else (grading,)
        with ResultsFolder(self.folder, fingerprint=fingerprint, plan=plan) as results:
            results.start_session(INFO)
            for name, of_problem in verdicts.items():
                for sample, given in enumerate(of_problem):
                    pair = given if grading == "both" else (given,)
                    for one, verdict in zip(gradings, pair, strict=True):
                        results.append(judgement(name, sample, verdict, model=model, grading=one, **texts))


class Parsed(HTMLParser):
    """The elements of a page with their attributes' names, its text, and what may act.

    Attributes:
        elements: (tag, names of attributes), in order.
        text: All of it, scripts and styles left out.
        links: Values of href and src.
        scripts: Their content.
        styles: Their content.
    """

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.elements, self.links, self.scripts, self.styles, self.open = [], [], [], [], []
        self.text = ""
        self.policy = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value for name, value in attrs if name in ("href", "src", "xlink:href", "action")]
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policy = dict(attrs)["content"]
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ""
        if inside in ("script", "style"):
            (self.scripts if inside == "script" else self.styles).append(data)
        else:
            self.text += data


def read_jsonl(path):
    return [json.loads(line) for line in path.read_text().splitlines()]
