"""The infrastructure's failures. A program's failure is never one of these: it is a value.

    SandboxError
    ├── SandboxLost          the sandbox went away with work in it; the work can run elsewhere
    ├── SandboxOverloaded    the machine gave too little CPU or memory for a fair run; retry elsewhere
    ├── SandboxUnusable      no sandbox can be had here at all: a required property is missing
    │   └── BadSetting       a setting names something that is not there, or does not fit what is
    ├── PoolUnavailable      no sandbox could be started or leased in time
    ├── PoolClosed           the pool was closed while the work waited or ran
    └── ProtocolError        the other side broke the wire protocol; treated as a lost sandbox

None of them is ever scored: they are retried on another sandbox, a bounded number of times, and then raised.
"""


class SandboxError(Exception):
    """Base of the infrastructure's failures.

    Attributes:
        attempts: How often the work was tried before this was raised; 1 where nothing was retried.
    """

    attempts: int = 1


class SandboxLost(SandboxError):
    """The sandbox went away while it worked; what it was doing is lost, nothing else."""


class SandboxOverloaded(SandboxError):
    """The sandbox could not give the program a fair run: far too little CPU, or the kernel ran out of memory."""


class SandboxUnusable(SandboxError):
    """No sandbox can work here as things are; retrying will not help. The message says what is missing and the fix."""


class BadSetting(SandboxUnusable):
    """A setting names something that is not there, or does not fit what is. Nothing was created."""


class PoolUnavailable(SandboxError):
    """No sandbox could be started or leased in time."""


class PoolClosed(SandboxError):
    """The pool was closed while the work waited or ran."""


class ProtocolError(SandboxLost):
    """The agent sent something that the protocol does not allow."""
