"""The problems of the mini dataset, one per module, in the order of the file."""

from tools.mini.problems.balanced_badge import PROBLEM as BALANCED_BADGE
from tools.mini.problems.countdown import PROBLEM as COUNTDOWN
from tools.mini.problems.even_split import PROBLEM as EVEN_SPLIT
from tools.mini.problems.harbour_maze import PROBLEM as HARBOUR_MAZE
from tools.mini.problems.lantern_codes import PROBLEM as LANTERN_CODES
from tools.mini.problems.ledger import PROBLEM as LEDGER
from tools.mini.problems.longest_climb import PROBLEM as LONGEST_CLIMB
from tools.mini.problems.merge_shifts import PROBLEM as MERGE_SHIFTS
from tools.mini.problems.quiet_lanterns import PROBLEM as QUIET_LANTERNS
from tools.mini.problems.relay_pace import PROBLEM as RELAY_PACE
from tools.mini.problems.running_medians import PROBLEM as RUNNING_MEDIANS
from tools.mini.problems.shared_letters import PROBLEM as SHARED_LETTERS
from tools.mini.problems.stairs import PROBLEM as STAIRS
from tools.mini.problems.sum_pairs import PROBLEM as SUM_PAIRS

PROBLEMS = tuple(
    sorted(
        (
            BALANCED_BADGE,
            COUNTDOWN,
            EVEN_SPLIT,
            HARBOUR_MAZE,
            LANTERN_CODES,
            LEDGER,
            LONGEST_CLIMB,
            MERGE_SHIFTS,
            QUIET_LANTERNS,
            RELAY_PACE,
            RUNNING_MEDIANS,
            SHARED_LETTERS,
            STAIRS,
            SUM_PAIRS,
        ),
        key=lambda problem: problem.question_id,
    )
)
