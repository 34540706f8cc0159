"""What does a starting subjects file say of a package, whose types were looked at?"""

from __future__ import annotations

import importlib.resources
import json
import os
import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib.metadata import entry_points
from typing import Any

from attrs import frozen

from bufspec.errors import SelectionError
from bufspec.visible import visible

SECONDS = 300.0
"""For a package to be imported and looked at."""
LOOKS = "bufspec.project.exporting_types"
MOST_DEATHS = 5
LONGEST = 118
"""Of a comment that says why."""


@frozen
class FoundType:
    """A type with buffer slots: how an object is made, or why none was."""

    name: str
    arguments: str | None = None
    has_contents: bool = False
    """Whether the object holds the bytes that it was made of, and nothing else."""
    failed: str = ""


def types_of(package: str) -> list[FoundType]:
    """The types of a package that have buffer slots; raises SelectionError if it cannot be imported."""
    left_out: list[str] = []
    while True:
        lines = _looked_at(package, left_out)
        if lines and "end" in lines[-1]:
            return [_found(line) for line in lines if "type" in line]
        if lines and "error" in lines[-1]:
            absent = lines[-1]["is_absent"]
            raise SelectionError(
                f"{package} cannot be imported: {lines[-1]['error']}",
                where=sys.executable,
                hint="install it here, or name the module: bufspec init MODULE"
                if absent
                else "it must be importable",
            )
        importing = [line["importing"] for line in lines if line.get("importing")]
        if not importing or len(left_out) == MOST_DEATHS:
            raise SelectionError(
                f"{package} ends the process that imports it, or takes more than {SECONDS:g} seconds",
                where=sys.executable,
                hint=f"try {_import(package)}",
            )
        left_out.append(importing[-1])


def _import(package: str) -> str:
    return f"python -c 'import {package}'"


def _found(line: dict[str, Any]) -> FoundType:
    return FoundType(line["type"], line.get("arguments"), bool(line.get("expect")), line.get("failed", ""))


def _looked_at(package: str, left_out: list[str]) -> list[dict[str, Any]]:
    """The lines that the program writes, up to its end or its death; what the package prints is dropped."""
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryDirectory() as folder:
        descriptor = answer.fileno()
        words = [package, os.getcwd(), str(descriptor), *left_out]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                [sys.executable, "-P", "-m", LOOKS, *words],
                cwd=folder,  # a type may take what it is made of for the name of a file
                pass_fds=[descriptor],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=False,
            )
        answer.seek(0)
        return [json.loads(line) for line in answer.read().splitlines()]


def prefix_of(package: str) -> str:
    """What the names of its subjects begin with: its own name, unless others declare subjects by that."""
    prefix = re.sub(r"[^a-z0-9_]", "_", package.split(".")[0].lower())
    taken = {one.name for one in entry_points(group="bufspec.subjects")}
    is_ours = importlib.resources.files("bufspec").joinpath("subjects", f"{prefix}.py").is_file()
    return f"own_{prefix}" if is_ours or prefix in taken else prefix


def text_of_subjects(package: str, types: list[FoundType]) -> str:
    """The subjects file: a line for each type of which an object was made, a comment for each other one."""
    prefix = prefix_of(package)
    modules = {one.name.rpartition(".")[0] for one in types if one.arguments is not None} or {package}
    lines = [
        f'"""What bufspec judges of {package}; written by `bufspec init` as a start.',
        "",
        "More checks: expect= (the elements in C order), operations= (what resizes or moves the memory),",
        "build= (makes an object of any layout); see help(bufspec.declare.exporter).",
        '"""',
        "",
        *(f"import {name}" for name in sorted(modules)),
        "",
        "from bufspec.declare import exporter",
    ]
    names: set[str] = set()
    for one in types:
        name = _subject_name(prefix, one.name, names)
        lines += ["", *_declaration(name, one)] if one.arguments is not None else ["", *_comment(name, one)]
    lines += [
        "",
        "# A function that reads, fills or keeps the memory of its argument is a consumer:",
        "# from bufspec.declare import BYTES_LIKE, consumer",
        f'# consumer("{prefix}.checksum", accepts=BYTES_LIKE)({package}.checksum)',
    ]
    return "\n".join(lines) + "\n"


def _subject_name(prefix: str, type_name: str, names: set[str]) -> str:
    last = re.sub(r"[^A-Za-z0-9_]", "_", type_name.rpartition(".")[2])
    name = f"{prefix}.{last}"
    while name in names:
        name += "_"
    names.add(name)
    return name


def _declaration(name: str, one: FoundType) -> list[str]:
    expect = ", expect=" + str(one.arguments).rpartition(", ")[2] if one.has_contents else ""
    return [f'exporter("{name}"{expect})(lambda: {one.name}({one.arguments}))']


def _comment(name: str, one: FoundType) -> list[str]:
    return [
        f"# {one.name}: no object could be made: {visible(one.failed)}"[:LONGEST],
        f'# exporter("{name}")(lambda: {one.name}(...))',
    ]
