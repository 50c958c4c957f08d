"""What can be wrong with what a user gave us.

    LiveCodeBenchError
    ├── InputError        a file, row, field or option is wrong: nothing was executed; exit status 2
    │   └── DatasetError  the same, in a dataset file
    └── OutputError       results cannot be written: disk full, no permission

Failures of the infrastructure are `lcb_ray.errors.SandboxError`; a program's failure is a value, never an exception.
Every message names the file, row, field or option and says what to do.
"""


class LiveCodeBenchError(Exception):
    """Base of the errors that are the caller's to mend."""


class InputError(LiveCodeBenchError):
    """A file, row, field or option is wrong; the message names it and the fix."""


class DatasetError(InputError):
    """A dataset file is missing, damaged or not what it says; the message names file, line and field."""


class OutputError(LiveCodeBenchError):
    """Results cannot be written where the caller wants them."""
