"""What a command line becomes when it is submitted as a Ray job: checked here, with its files and without secrets."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from livecodebench.cli.exits import tell
from livecodebench.cli.output import is_url
from livecodebench.errors import InputError

COMMANDS = ("evaluate", "grade")
JOB_FOLDERS = "/tmp/livecodebench-jobs"  # of the head; pods of ours can write nowhere else
INPUTS = "inputs"

_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD)$")
_SECRET_LENGTH = 8
_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]+@")
_UsageError: Any = typer.BadParameter.__base__  # typer brings its own copy of click, under no public name
_FILES = ("generations", "dataset", "replay", "ids")  # parameters that may name a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A command for a job.

    Attributes:
        words: The command line, `livecodebench` left out.
        output: Its --output.
        backend: Its --backend.
        environment: Settings that this process had from its environment.
        as_json: Whether it was asked for --json.
        title: For whoever looks at a list of jobs.
        dataset: Its --dataset, a file by its name only.
    """

    words: tuple[str, ...]
    output: str
    backend: str
    environment: Mapping[str, str]
    as_json: bool
    title: str
    dataset: str


def prepared(words: Sequence[str], commands: Mapping[str, TyperCommand], *, id: str, folder: Path) -> Submission:
    """Check a command line and make it fit for the cluster.

    Args:
        words: The command line, from `evaluate` or `grade` on.
        commands: The commands by name.
        id: Of the job; names the folder where none was asked for.
        folder: An empty one; gets the files that it reads, and will be its working folder.

    Raises InputError.
    """
    name, *arguments = words or [""]
    if name not in COMMANDS:
        raise InputError(f"submit: give a command, {' or '.join(COMMANDS)}: livecodebench submit -- evaluate MODEL ...")
    given, environment = _parsed(commands[name], arguments)
    _refuse_secrets([*arguments, *environment.values()])
    staged = _Staged(folder)
    for parameter in _FILES:
        for value in _texts(given.get(parameter)):
            staged.take(value)
    output = given["output"]
    if output is None:
        output = f"{JOB_FOLDERS}/{id}"
        arguments = [*arguments, "--output", output]
        tell(
            f"Results are kept in {output} on the head only, and are lost with it; --output s3://..., or a folder "
            "below /results with LIVECODEBENCH_K8S_RESULTS_CLAIM, would keep them."
        )
    elif not is_url(output) and not Path(output).is_absolute():
        raise InputError(
            f"--output {output}: a job's results are kept at a URL of fsspec's (s3://bucket/run), or in a folder of "
            "the cluster's head, as an absolute path; `submit --fetch DIR` brings them here"
        )
    return Submission(
        words=(name, *(staged.renamed(word) for word in arguments)),
        output=output,
        backend=given["backend"],
        environment={variable: staged.renamed(value) for variable, value in environment.items()},
        as_json=given["as_json"],
        title=f"{name} {given.get('model') or Path(given['generations']).name}",
        dataset=Path(given["dataset"]).name,
    )


def _parsed(command: TyperCommand, arguments: Sequence[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The parameters, and the variables of those that the environment gives."""
    try:
        context = command.make_context(command.name, list(arguments), resilient_parsing=False)
    except typer.Exit as shown:  # --help
        sys.exit(shown.exit_code)
    except _UsageError as error:
        raise InputError(f"submit: {error.format_message()}") from None
    variables: dict[str, str] = {}
    for parameter in command.params:
        variable = parameter.envvar
        source = context.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "ENVIRONMENT" and isinstance(variable, str):
            variables[variable] = os.environ[variable]
    return context.params, variables


def _refuse_secrets(arguments: Sequence[str]) -> None:
    """A job's command line is seen by everybody who sees the dashboard. Raises InputError."""
    for word in arguments:
        for variable, value in os.environ.items():
            if _SECRET_NAME.search(variable) and len(value) >= _SECRET_LENGTH and value in word:
                raise InputError(
                    f"submit: the command line has the value of {variable} in it, and would show it in Ray's "
                    "dashboard: name a variable of the cluster with --api-key-env, or a file with --api-key-file"
                )
        if _PASSWORD.search(word):
            raise InputError(
                "submit: a URL with a password would be shown in Ray's dashboard: let the cluster have the credentials"
            )


def _texts(value: object) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [str(one) for one in value]
    return [] if value is None else [str(value)]


class _Staged:
    """The files of this machine that a command reads, copied to where they are sent from."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / INPUTS
        self._names: dict[str, str] = {}

    def take(self, value: str) -> None:
        """Copy the file that a value names, if it names one."""
        at, path = ("@", value[1:]) if value.startswith("@") else ("", value)
        if value in self._names or not Path(path).is_file():
            return
        name = Path(path).name
        while (target := self._folder / name).exists():
            name = f"_{name}"
        self._folder.mkdir(exist_ok=True)
        shutil.copyfile(path, target)
        self._names[value] = f"{at}{INPUTS}/{name}"

    def renamed(self, word: str) -> str:
        """A word of the command line, as it is there."""
        option, equals, value = word.partition("=")
        if option.startswith("--") and equals:
            return f"{option}={self._names.get(value, value)}"
        return self._names.get(word, word)
