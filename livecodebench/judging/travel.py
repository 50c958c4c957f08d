"""What may travel between a caller and a gateway: the gradings' check functions and verdicts, and nothing else."""

from __future__ import annotations

from lcb_ray.gateway.codec import Codec
from livecodebench.errors import DatasetError, InputError
from livecodebench.judging.checkers import Checker
from livecodebench.judging.official.records import Raised, Tested
from livecodebench.judging.official.replay import Graded, Replay
from livecodebench.judging.official.task import Stdin, Tests, arrange
from livecodebench.judging.packed_tests import unpack_tests
from livecodebench.judging.standard import Grader
from livecodebench.problem import TestKind
from livecodebench.verdict import TestVerdict, Verdict


def travel_codec() -> Codec:
    """A codec for the batches of all gradings."""
    return Codec(
        types=(TestKind, Checker, Grader, Verdict, TestVerdict, Stdin, Tests, Replay, Tested, Raised, Graded),
        functions=(unpack_tests, arrange),
        errors=(DatasetError, InputError),
    )
