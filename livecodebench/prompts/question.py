"""The question as most styles put it, and the sentences that the others share. The texts are LiveCodeBench's (MIT)."""

from __future__ import annotations

from livecodebench.problem import Problem

TASK = (
    "You will be given a question (problem specification) and will generate a correct Python program that matches the"
    " specification and passes all tests."
)
SYSTEM = f"You are an expert Python programmer. {TASK}"
CODE_ONLY = " You will NOT return anything except for the program."

WITH_STARTER_CODE = (
    "You will use the following starter code to write the solution to the problem and enclose your code within"
    " delimiters."
)
WITH_STDIN = (
    "Read the inputs from stdin solve the problem and write the answer to stdout (do not directly test on the sample"
    " inputs). Enclose your code within delimiters as follows. Ensure that when the python program runs, it reads the"
    " inputs, runs the algorithm and writes output to STDOUT."
)


def format_block(problem: Problem, *, lead: str = "", with_stdin: str = WITH_STDIN) -> str:
    """How the answer must look: the instruction, `lead` before it, then a fenced block to fill.

    The official styles choose by the starter code, not by the kind of the problem.
    """
    instruction, code = (
        (WITH_STARTER_CODE, problem.starter_code) if problem.starter_code else (with_stdin, "# YOUR CODE HERE")
    )
    return f"{lead}{instruction}\n```python\n{code}\n```\n\n"


def generic_question(problem: Problem, *, with_stdin: str = WITH_STDIN) -> str:
    """The user's message of every chat style."""
    answer = "### Answer: (use the provided format with backticks)\n\n"
    block = format_block(problem, lead="### Format: ", with_stdin=with_stdin)
    return f"### Question:\n{problem.content}\n\n{block}{answer}"
