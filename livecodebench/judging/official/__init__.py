"""The official grading: what LiveCodeBench's own grader would say of a program, with its cheats not paying.

`harness` runs in the sandbox and does what that grader does up to the comparison. Everything else is on the trusted
side: `task` makes the batch, `records` reads what the harness told, `replay` compares as the grader does and gives its
result codes and metadata, `cheats` says where it would have been deceived, and `rules` puts these together.
"""
