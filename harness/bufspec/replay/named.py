"""Which case do the words of a command line, or a line of a record, name?

A record is data that anybody may have written: what it names is said and not run, unless it is signed.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from bufspec.errors import SelectionError
from bufspec.files.json_text import DAMAGED, MOST_LINE, object_from_line, objects_of_lines
from bufspec.files.opened import too_large
from bufspec.files.problem import Problem, Refused
from bufspec.run.case_id import CaseId
from bufspec.run.record import EVENT_NAMES, EVENTS_FILE, SCHEMA_VERSION, CaseFailed, RunStarted
from bufspec.run.signature import is_signed, refuse_unsigned
from bufspec.wire.profile import DEFAULT_SEED
from bufspec.wire.remote_file import remote_file
from bufspec.words import CURRENT, EDITIONS

FAILED = EVENT_NAMES[CaseFailed]
WITH_VALUE = ("--python", "--subjects", "--native", "--remote", "--rule", "--seed", "--edition")
"""The options that a replay line of a record may have, besides --no-discover."""
LARGEST_SEED = 2**32 - 1


def case_from_words(words: Sequence[str], edition: str, files: Sequence[str] = ()) -> CaseId:
    """The case that `SUBJECT/CASE` or `SUBJECT CASE` names; raises SelectionError for other words."""
    subject, slash, case = words[0].rpartition("/") if len(words) == 1 else (words[0], "/", words[-1])
    if len(words) not in (1, 2) or not slash or not subject or not case:
        raise SelectionError(
            f"{shlex.join(words)} is not a case id",
            where="bufspec replay",
            hint="name it as SUBJECT/CASE, as the report and the record do",
        )
    return CaseId(subject, case, edition, files=tuple(files))


def case_from_record(place: str, stdin: BinaryIO, *, trust: bool = False) -> CaseId:
    """The case of a failure in a record: `DIR`, `DIR:N` (the Nth, from 1), or `-` for a line on `stdin`.

    Raises Refused for a record that cannot be read, SelectionError if it has no such failure, and TrustError
    if to run the case would run code that it names, unless the line is signed or `trust` says that it may.
    """
    from bufspec.run.recorded import refuse_misfit  # slow to import, and only a record needs it

    directory, colon, number = place.rpartition(":")
    counted = bool(colon) and number.isascii() and number.isdecimal()
    wanted = int(number[-9:]) if counted and len(number.lstrip("0")) <= 9 else 0 if counted else 1
    path = Path(directory if counted else place)
    path = path / EVENTS_FILE if path.is_dir() else path
    name = "standard input" if place == "-" else str(path)
    if counted and not number.strip("0"):
        raise SelectionError(f"{place} names no failure", where="bufspec replay", hint="they count from 1")
    try:
        lines = _lines_of(stdin, name) if place == "-" else objects_of_lines(path)
        count, found = 0, None
        for count, failure in enumerate(_failures(lines, name), start=1):
            found = failure if count == wanted else found
    except FileNotFoundError as error:
        raise SelectionError(
            "there is no record", where=name, hint="bufspec check --out DIR writes one to DIR"
        ) from error
    if found is None:
        raise SelectionError(
            f"the record has {count} failing cases", where=place, hint="--record DIR:N takes the Nth"
        )
    line, event = found
    case = _case_of(event, name, line)
    if case.runs and not trust and not is_signed(FAILED, event):
        raise refuse_unsigned("the record", case.runs, f"{name}:{line}:1")
    refuse_misfit(event, name, line)
    return case


def _lines_of(stdin: BinaryIO, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    text = stdin.read(MOST_LINE + 1)
    if len(text) > MOST_LINE:
        raise too_large(name, MOST_LINE)
    for number, line in enumerate(text.removesuffix(b"\n").split(b"\n"), start=1):
        yield number, object_from_line(line, name, number)


def _failures(lines: Iterator[tuple[int, dict[str, Any]]], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The failing cases of a record, each with its line; raises Refused for a line that no record has."""
    from bufspec.run.recorded import refuse_misfit

    for number, event in lines:
        kind = event.get("event")
        if kind not in EVENT_NAMES.values():
            raise _refused(name, number, "not an event of a record")
        if kind == EVENT_NAMES[RunStarted] and event.get("schema") != SCHEMA_VERSION:
            raise Refused(
                Problem(
                    name,
                    number,
                    1,
                    f"a record of schema {event.get('schema')!r:.40}; this bufspec reads {SCHEMA_VERSION}",
                    "use the bufspec that wrote it",
                )
            )
        if kind == EVENT_NAMES[RunStarted]:
            refuse_misfit(event, name, number)
        if kind != FAILED:
            continue
        for key in ("subject", "replay", "case", "rule"):
            may_be_null = key in ("case", "rule") and key in event
            if not (isinstance(event.get(key), str) or (may_be_null and event[key] is None)):
                raise _refused(name, number, f"{key} is not a text")
        if event["case"]:
            yield number, event


def _case_of(event: dict[str, Any], name: str, line: int) -> CaseId:
    """The case of a failure, with the options of its replay line."""
    try:
        words = shlex.split(event["replay"])
    except ValueError as error:
        raise _refused(name, line, f"replay is not a command line: {error}") from error
    given: dict[str, str] = {}
    discover, rest = True, iter(words)
    for word in rest:
        if word == "--no-discover":
            discover = False
        elif word in WITH_VALUE:
            given[word] = next(rest, "")
        elif word.startswith("-"):
            raise _refused(name, line, f"replay has an option {word!r:.60}")
    seed, edition = given.get("--seed", str(DEFAULT_SEED)), given.get("--edition", CURRENT)
    if not (seed.isascii() and seed.isdecimal() and len(seed) <= 10 and int(seed) <= LARGEST_SEED):
        raise _refused(name, line, f"--seed {seed!r:.40} is not a seed")
    if edition not in EDITIONS:
        raise _refused(name, line, f"--edition {edition!r:.40} is not an edition")
    file = given.get("--native") or given.get("--subjects")
    if peer := given.get("--remote"):
        file = remote_file(peer)
    files = (file,) if file else ()
    python = given.get("--python", "")
    return CaseId(event["subject"], event["case"], edition, event["rule"], files, int(seed), discover, python)


def case_from_event(event: dict[str, Any]) -> CaseId:
    """The case of a failure, as its event in a record of this very run names it."""
    return _case_of(event, "the record", 1)


def _refused(name: str, line: int, message: str) -> Refused:
    return Refused(Problem(name, line, 1, message, DAMAGED))
