"""The checkers by name, as the data file calls them, with the parameters that each takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from livecodebench.judging.checker import CheckOutcome
from livecodebench.judging.checkers.abc_grid import check_abc_grid
from livecodebench.judging.checkers.any_order import check_any_order
from livecodebench.judging.checkers.confused_villagers import check_confused_villagers
from livecodebench.judging.checkers.covering_operations import check_covering_operations
from livecodebench.judging.checkers.cube_difference import check_cube_difference
from livecodebench.judging.checkers.directed_cycle import check_directed_cycle
from livecodebench.judging.checkers.dragon import check_dragon
from livecodebench.judging.checkers.even_split import check_even_split
from livecodebench.judging.checkers.ignore_case import check_ignore_case
from livecodebench.judging.checkers.multiplicative_order import check_multiplicative_order
from livecodebench.judging.checkers.not_the_sum import check_not_the_sum
from livecodebench.judging.checkers.palindrome_product import check_palindrome_product
from livecodebench.judging.checkers.piece_loops import check_piece_loops
from livecodebench.judging.checkers.potions import check_potions
from livecodebench.judging.checkers.reading_order import check_reading_order
from livecodebench.judging.checkers.restricted_sum import check_restricted_sum
from livecodebench.judging.checkers.row_column_order import check_row_column_order
from livecodebench.judging.checkers.segments_apart import check_segments_apart
from livecodebench.judging.checkers.swap_sort import check_swap_sort
from livecodebench.judging.checkers.three_cubes import check_three_cubes
from livecodebench.judging.checkers.tolerance import check_tolerance
from livecodebench.judging.checkers.triple_sum import check_triple_sum
from livecodebench.judging.checkers.value_tolerance import check_value_tolerance
from livecodebench.judging.checkers.xor_neighbours import check_xor_neighbours
from livecodebench.judging.checkers.zero_sum import check_zero_sum
from livecodebench.problem import TestKind

STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class NamedChecker:
    """A checker that a data file can name.

    Attributes:
        check: For a stdin problem called with output, reference and input; for a functional one with the decoded
            value, the parsed reference and the input. Then the parameters by keyword. May raise UnexpectedInputError.
        kind: Of the problems it is for.
        parameters: Name and type of each; all are required.
    """

    check: Callable[..., CheckOutcome]
    kind: TestKind = TestKind.STDIN
    parameters: Mapping[str, type] = field(default_factory=dict)


CHECKERS: Mapping[str, NamedChecker] = {
    "abc_grid": NamedChecker(check_abc_grid),
    "any_order": NamedChecker(check_any_order, TestKind.FUNCTIONAL),
    "confused_villagers": NamedChecker(check_confused_villagers),
    "covering_operations": NamedChecker(check_covering_operations),
    "cube_difference": NamedChecker(check_cube_difference),
    "directed_cycle": NamedChecker(check_directed_cycle),
    "dragon": NamedChecker(check_dragon),
    "even_split": NamedChecker(check_even_split),
    "ignore_case": NamedChecker(check_ignore_case),
    "multiplicative_order": NamedChecker(check_multiplicative_order),
    "not_the_sum": NamedChecker(check_not_the_sum),
    "palindrome_product": NamedChecker(check_palindrome_product),
    "piece_loops": NamedChecker(check_piece_loops),
    "potions": NamedChecker(check_potions),
    "reading_order": NamedChecker(check_reading_order),
    "restricted_sum": NamedChecker(check_restricted_sum),
    "row_column_order": NamedChecker(check_row_column_order),
    "segments_apart": NamedChecker(check_segments_apart),
    "swap_sort": NamedChecker(check_swap_sort),
    "three_cubes": NamedChecker(check_three_cubes),
    "tolerance": NamedChecker(check_tolerance, parameters={"error": float}),
    "triple_sum": NamedChecker(check_triple_sum),
    "value_tolerance": NamedChecker(check_value_tolerance, TestKind.FUNCTIONAL, parameters={"error": float}),
    "xor_neighbours": NamedChecker(check_xor_neighbours),
    "zero_sum": NamedChecker(check_zero_sum),
}
