"""The `private_test_cases` column: hidden tests, packed by the dataset's authors, read without running anything.

The column is a JSON list, or base64 of zlib of a pickled string that holds that list. Unpickling is running a program,
and an Unpickler that refuses every class is no full guard: the EXT opcodes take objects from this process's cache of
registered extensions without asking it. So the pickle is never loaded: its opcodes are read as data by the standard
library's disassembler, and only those that build one string are accepted. Nothing else in the project reads a pickle.
"""

from __future__ import annotations

import binascii
import zlib
from base64 import b64decode
from collections.abc import Iterator
from itertools import islice
from typing import NoReturn

from livecodebench.dataset.testcases import parse_testcases
from livecodebench.errors import DatasetError
from livecodebench.printable import printable
from livecodebench.problem import TestCase

MAX_UNPACKED = 1 << 30  # bytes; official columns stay well below, and a bomb must not take the machine's memory

_TEXT = {"UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}
_FRAMING = {"PROTO", "FRAME", "MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"}
_MOST_OPCODES = 64  # a pickled string has five; the rest is for naming what a hostile one asks for


def decode_private_tests(column: str, *, place: str) -> tuple[TestCase, ...]:
    """Decode the column of one row.

    Args:
        column: As the dataset has it.
        place: File and line, for messages.

    Raises:
        DatasetError: It is in neither encoding, damaged or too large, or its pickle asks for more than a string.
    """
    place = f"{place}: private_test_cases"
    text = column if column.lstrip().startswith("[") else _unpickled_text(_unpacked(column, place), place)
    return parse_testcases(text, place=place)


def _unpacked(column: str, place: str) -> bytes:
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(b64decode(column, validate=True), MAX_UNPACKED + 1)
    except (binascii.Error, ValueError, zlib.error) as exc:
        raise DatasetError(
            f"{place}: neither a JSON list of tests nor base64 of zlib data ({exc}); write [] for no private tests"
        ) from None
    if not column:
        raise DatasetError(f"{place}: is empty; write [] for no private tests")
    if len(data) > MAX_UNPACKED:
        raise DatasetError(f"{place}: unpacks to more than {MAX_UNPACKED} bytes, which no problem needs: refused")
    if not inflater.eof:
        raise DatasetError(f"{place}: the packed data end too early: get the file again")
    return data


def _unpickled_text(data: bytes, place: str) -> str:
    """The one string that a harmless pickle holds."""
    texts: list[str] = []
    refused = ""
    for name, argument in islice(_opcodes(data, place), _MOST_OPCODES):
        if name in _TEXT:
            texts.append(str(argument))
        elif name == "STOP":
            break
        elif what := _asked_for(name, argument, texts):
            _refuse(f"asks for {what}", place)
        elif name not in _FRAMING:
            refused = refused or name  # what follows may say more: the class is named where there is one
    else:
        refused = refused or "a long list of opcodes"
    if refused or len(texts) != 1:
        _refuse(f"holds {refused or f'{len(texts)} strings'}", place)
    return texts[0]


def _opcodes(data: bytes, place: str) -> Iterator[tuple[str, object]]:
    from pickletools import genops  # 10 ms that only packed columns cost

    try:
        for opcode, argument, _ in genops(data):
            yield opcode.name, argument
    except Exception as exc:  # the disassembler promises no set of exceptions for bytes that are no pickle
        raise DatasetError(f"{place}: damaged pickle ({printable(str(exc), limit=80)}): get the file again") from None


def _asked_for(opcode: str, argument: object, texts: list[str]) -> str:
    """What else than data an opcode asks for; empty where nothing."""
    match opcode:
        case "GLOBAL" | "INST":
            return f"the class {printable(str(argument).replace(' ', '.'), limit=80)}"
        case "STACK_GLOBAL":
            return f"the class {printable('.'.join(texts[-2:]), limit=80)}"
        case "EXT1" | "EXT2" | "EXT4":
            return f"the class with the extension code {argument}"
        case "PERSID" | "BINPERSID":
            return "a persistent object"
        case _:
            return ""


def _refuse(what: str, place: str) -> NoReturn:
    raise DatasetError(
        f"{place}: refused: the pickle {what}, which could run code when loaded; one string with a JSON list is all "
        "it may hold: get the file from its source, or write the tests as a plain JSON list"
    )
