"""When asking stops."""

import pytest

from livecodebench.evaluation.outage import FAILURES_IN_A_ROW, REFUSALS_BEFORE_ANY_ANSWER, Outage
from livecodebench.model_client.errors import ModelError, ModelRefused

FAILED = ModelError("out of order", attempts=8)


def refused(status, *, for_all=False):
    return ModelRefused(f"status {status}", status=status, for_all=for_all)


def test_failures_in_a_row_stop_it():
    outage = Outage()
    for _ in range(FAILURES_IN_A_ROW - 1):
        outage.failed(FAILED)
    assert outage.reason is None
    outage.answered()
    for _ in range(FAILURES_IN_A_ROW):
        assert outage.reason is None
        outage.failed(FAILED)
    assert outage.reason is FAILED
    assert outage.nothing_works is None, "it did answer: what came is kept, the rest is an error"


def test_failures_from_the_start_are_errors_too():
    outage = Outage()
    for _ in range(FAILURES_IN_A_ROW):
        outage.failed(FAILED)
    assert outage.reason is FAILED
    assert outage.nothing_works is None


def test_a_wrong_key_stops_it_at_once():
    outage = Outage()
    outage.failed(error := refused(401, for_all=True))
    assert outage.reason is outage.nothing_works is error


def test_a_key_that_ends_in_the_middle():
    outage = Outage()
    outage.answered()
    outage.failed(error := refused(401, for_all=True))
    assert outage.reason is error
    assert outage.nothing_works is None


def test_a_prompt_that_is_refused_is_one_prompt():
    outage = Outage()
    outage.failed(refused(400))
    outage.answered()
    for _ in range(100):
        outage.failed(refused(400))
    assert outage.reason is None


def test_only_refusals_are_about_all_prompts():
    outage = Outage()
    for _ in range(REFUSALS_BEFORE_ANY_ANSWER):
        assert outage.reason is None
        outage.failed(error := refused(400))
    assert outage.nothing_works is error


def test_answers_that_are_not_stored_never_stop_it():
    outage = Outage()
    for _ in range(100):
        outage.failed(refused(410))
    assert outage.reason is None


@pytest.mark.parametrize("later", [FAILED, refused(404, for_all=True)])
def test_the_first_reason_stays(later):
    outage = Outage()
    outage.failed(first := refused(401, for_all=True))
    outage.failed(later)
    assert outage.reason is first
