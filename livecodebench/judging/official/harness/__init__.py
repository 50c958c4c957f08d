"""What the sandbox runs in an official grading: LiveCodeBench's grader up to the comparison, which the judge does.

These modules are one program. `livecodebench.judging.official.bundle` puts their texts together, without the imports of
each other, and that text is the source that a sandbox gets; here they are only imported by tests. So they import the
standard library alone, and nothing from __future__, which a candidate's code, compiled by them, would inherit.

The candidate finds above it on the stack functions of the names that the official grader has, and locals of the names
that it has. Where those hold expected outputs, these hold a mark: a number of this run that means nothing. A program
that answers with it has read its grader. Nothing that the harness says is trusted: a candidate can rewrite all of it,
and gains by that what printing would have gained, or time within what the kernel counts for the process.
"""
