"""Which peculiarity of the official grader may have decided, for the table of disagreements.

A guess, made from the program's text and from what the grader says of it, and shown only where a real process gives
another verdict. The text is searched, never parsed or run.
"""

from __future__ import annotations

import re

from livecodebench.judging.official.replay import BROKEN, RAISED, SLOW, WRONG, Graded

STDIN = "stdin mock"  # standard input is an object in memory: no file, read from its start again and again
STDOUT = "stdout mock"  # standard output likewise: what is written past it is lost
THREAD = "unjoined thread"  # what a thread prints after the last line of the program is not seen
GLOBAL = "module global"  # the program is a function's body: `global`, globals(), star imports, `return`
GUARD = "main guard"  # `if __name__ == "__main__"` counts only as the last statement
TAKEN = "taken away"  # quit(), os.getcwd() and others are None, some modules cannot be imported
STATE = "shared state"  # all tests in one process, with one module and one Solution
ENDED = "ended process"  # os._exit(), an exit from a function, a crash: the grader finds no result
FLOAT = "float's last digit"  # printed numbers must be equal, whatever error the problem allows
CHECKER = "checker"  # the problem admits several answers
TIME = "time"
MEMORY = "memory"
CAUSES = (STDIN, STDOUT, THREAD, GLOBAL, GUARD, TAKEN, STATE, ENDED, FLOAT, CHECKER, TIME, MEMORY)

_READS = re.compile(
    r"stdin\s*\.\s*(read|readlines|buffer|fileno|detach|__iter__)|\bin\s+(sys\.)?stdin\b|\(\s*(sys\.)?stdin\s*[,)]"
    r"|\bopen\(\s*0|os\.read\(|fileinput|__stdin__|/dev/stdin|import\b.*\bstdin\b"
)
_WRITES = re.compile(r"stdout\s*\.\s*(buffer|fileno|detach)|os\.write\(|__stdout__|\bopen\(\s*1|/dev/stdout|atexit")
_THREADS = re.compile(r"\bThread\(|_thread\.|ThreadPool")
_GLOBALS = re.compile(r"^\s*global\s|\bglobals\(|\bexec\(|\beval\(|^from .* import \*|^return\b", re.MULTILINE)
_RETURN = re.compile(r"^return\b", re.MULTILINE)
_STATE = re.compile(r"^\s*global\s", re.MULTILINE)
_GUARD = re.compile(r"^if\s*\(?\s*__name__\s*==\s*(['\"])__main__\1\s*\)?\s*:", re.MULTILINE)
_TAKEN = re.compile(r"\bquit\(|\bhelp\(|\bos\.\w+\(|shutil\.|subprocess")


def cause_of(code: str, graded: Graded) -> str:
    """The peculiarity that may have decided; "" where none is seen."""
    if graded.passed:
        # What a real process, or a process for each test, would not let pass.
        return GLOBAL if _RETURN.search(code) else STATE if _STATE.search(code) else ""
    if graded.slow or graded.results[-1] == SLOW:
        return TIME
    if graded.metadata["error_code"] == BROKEN:
        return ENDED
    if graded.results[-1] == RAISED:
        return _of_exception(code, graded)
    if graded.accepted_by:
        return FLOAT if graded.accepted_by == "tolerance" else CHECKER
    if graded.results[-1] != WRONG:
        return STATE if graded.tests else ""
    return _of_output(code, str(graded.metadata["output"]), str(graded.metadata["expected"]))


def _of_exception(code: str, graded: Graded) -> str:
    error = str(graded.metadata.get("error", graded.metadata["error_message"]))
    if "MemoryError" in error:
        return MEMORY
    if "Mock" in error:
        return STDIN
    if "'_io.StringIO' object has no attribute" in error or "UnsupportedOperation" in error:
        return STDOUT if _WRITES.search(code) and "stdin.buffer" not in code else STDIN
    if error.startswith(("NameError", "UnboundLocalError")) or "__future__" in error or "import *" in error:
        return GLOBAL
    if "halted; None in sys.modules" in error or ("'NoneType' object is not callable" in error and _TAKEN.search(code)):
        return TAKEN
    if _READS.search(code):
        return STDIN
    if _guarded(code):
        return GUARD
    return STATE if graded.tests else ""


def _of_output(code: str, output: str, expected: str) -> str:
    short = len(output.split()) < len(expected.split())
    if short and _THREADS.search(code):
        return THREAD
    if short and _guarded(code):
        return GUARD
    if _READS.search(code):
        return STDIN
    if short and _WRITES.search(code):
        return STDOUT
    return GLOBAL if _GLOBALS.search(code) else ""


def _guarded(code: str) -> bool:
    """Whether what stands under a main guard is left out: it is not the last statement, or written otherwise."""
    found = _GUARD.search(code)
    if found is None:
        return "__main__" in code
    return re.search(r"^(?!else\b|elif\b)[^\s#]", code[found.end() :], re.MULTILINE) is not None
