"""What do the records of shards hold, and do they belong together?  Each line is read once and validated.

Of a record only its head and where its subjects lie is kept, so that records of any number and size take
little memory and no more than one open file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from bufspec.errors import SelectionError
from bufspec.files.problem import Problem, Refused
from bufspec.run.record import (
    EVENT_NAMES,
    CaseMinimised,
    ExpectationOutdated,
    RunFinished,
    RunStarted,
    SubjectFinished,
)
from bufspec.run.recorded import Record, open_record

FINISHED, STARTED, ENDED = (EVENT_NAMES[one] for one in (SubjectFinished, RunStarted, RunFinished))
OUTDATED = EVENT_NAMES[ExpectationOutdated]
MINIMISED = EVENT_NAMES[CaseMinimised]
COMPARED = ("tables", "edition", "versions", "seed", "subjects", "rules", "plan")
"""What the heads of shards have in common, in the order in which a difference is named."""
AS_WRITTEN = "use the record as it was written"
OTHERWISE = {
    "tables": "the record is of other tables",
    "edition": "the record is of another edition",
    "versions": "the record is of other versions",
    "seed": "the record is of another seed",
    "subjects": "the record is of other subjects",
    "rules": "the record is of other rules",
    "plan": "the record is of another plan: other options, expectations or subject files",
}


@frozen
class Piece:
    """Where the events of a subject, or of some blocks of it, lie in a record: its first and last line."""

    record: int
    first: int
    last: int
    blocks: tuple[int, ...]
    """Which blocks, by number; of a subject that is not cut, the one."""
    of: int
    """How many blocks the subject has."""
    outdated: bool = False
    """Whether it has expectations that are outdated, which say how their file is fixed."""


@define
class Gathered:
    """The records, their heads, and the pieces of each subject by its name."""

    files: list[Path] = field(factory=list)
    heads: list[dict[str, Any]] = field(factory=list)
    feet: list[dict[str, Any]] = field(factory=list)
    pieces: dict[str, list[Piece]] = field(factory=dict)
    minimised: list[dict[str, Any]] = field(factory=list)
    asked: dict[str, Any] | None = None
    """What the shards were asked."""
    of_the_run: list[dict[str, Any]] = field(factory=list)
    """The expectations that a whole run has found to be outdated."""
    breaking: set[str] = field(factory=set)
    """The subjects that break a required rule."""

    @property
    def subjects(self) -> list[str]:
        """The subjects of the plan, in order."""
        return list(self.heads[0]["subjects"])

    def missing(self) -> dict[str, str]:
        """The subjects of which nothing, or not every block, is there, and how to say so."""
        found = {}
        for name in self.subjects:
            pieces = self.pieces.get(name, [])
            there = {block for piece in pieces for block in piece.blocks}
            of = pieces[0].of if pieces else 0
            absent = [str(block + 1) for block in range(of) if block not in there]
            if absent or not pieces:
                found[name] = f"{name} (block {', '.join(absent)} of {of})" if absent else name
        return found


def gather(places: Sequence[Path], *, partial: bool = False) -> Gathered:
    """Read the records in these folders, or of these names; their order never matters.

    Raises Refused for one that is damaged, of another plan, or has what another has, too.
    """
    found = Gathered()
    seen: dict[tuple[int, int], Path] = {}
    first: dict[str, Any] | None = None
    for place in sorted(places, key=str):
        reader = _Reader(len(found.files), found)
        record = open_record(place, partial=partial, seen=reader.take)
        _refuse_second(record, seen)
        name = str(record.file)
        if first is None:
            first = record.head
            name_of_first = name
        _refuse_other(record.head, first, name, name_of_first)
        found.files.append(record.file)
        found.asked = found.asked or record.head.get("asked")
        # What all have in common is held once.
        head = {key: first[key] if key in COMPARED else value for key, value in record.head.items()}
        head.pop("asked", None)
        found.heads.append(head)
        found.feet.append(record.foot)
    if first is None:
        raise SelectionError("no record is named", hint="bufspec merge DIR... --out DIR")
    _refuse_strangers(found)
    _refuse_overlaps(found)
    return found


def _refuse_second(record: Record, seen: dict[tuple[int, int], Path]) -> None:
    status = os.stat(record.file)
    identity = (status.st_dev, status.st_ino)
    if identity in seen:
        raise Refused(
            Problem(str(record.file), 1, 1, "is named twice", f"the first time as {seen[identity]}")
        )
    seen[identity] = record.file


def _refuse_other(head: Mapping[str, Any], first: Mapping[str, Any], name: str, name_of_first: str) -> None:
    if "plan" not in head:
        hint = "a bufspec that knows --shard writes one"
        raise Refused(Problem(name, 1, 1, "the record does not say what its plan was", hint))
    for key in COMPARED:
        if head[key] != first[key]:
            message = f"{OTHERWISE[key]} than {name_of_first}"
            raise Refused(Problem(name, 1, 1, message, _values(key, head, first)))


def _values(key: str, head: Mapping[str, Any], first: Mapping[str, Any]) -> str:
    if key == "versions":
        names = sorted({*head[key], *first[key]})
        both = [(one, head[key].get(one, "absent"), first[key].get(one, "absent")) for one in names]
        return "; ".join(f"{one}: {here}, there {there}" for one, here, there in both if here != there)
    if key in ("edition", "seed"):
        return f"{head[key]}, there {first[key]}"
    return "run every shard with the same command but for --shard"


def _refuse_strangers(found: Gathered) -> None:
    """Refuse what stands for a subject that is not of the plan."""
    known = set(found.subjects)
    for name, pieces in found.pieces.items():
        if name not in known:
            file = str(found.files[pieces[0].record])
            raise Refused(Problem(file, pieces[0].first, 1, f"{name} is no subject of the plan", AS_WRITTEN))


def _refuse_overlaps(found: Gathered) -> None:
    for name, pieces in found.pieces.items():
        taken: dict[int, Piece] = {}
        for piece in pieces:
            for block in piece.blocks:
                if block not in taken and piece.of == pieces[0].of:
                    taken[block] = piece
                    continue
                other = found.files[taken.get(block, pieces[0]).record]
                what = name if piece.of == 1 else f"block {block + 1} of {name}"
                file = str(found.files[piece.record])
                raise Refused(
                    Problem(file, piece.first, 1, f"{what} is also in {other}", "name each shard once")
                )


class _Reader:
    """Takes the events of one record, line by line, and keeps where its subjects lie."""

    def __init__(self, record: int, found: Gathered) -> None:
        self._record = record
        self._found = found
        self._first = 0
        self._subject = ""
        self._taken: set[str] = set()
        self._outdated: list[dict[str, Any]] = []

    def take(self, number: int, event: dict[str, Any], name: str) -> None:
        """Take note of the event in line `number`; Refused where it is out of place."""
        kind = event["event"]
        if kind == MINIMISED:
            self._found.minimised.append({**event, "record": self._record})
            return
        if kind in (STARTED, ENDED):
            # After the last subject come the entries that are of no use to the whole run.
            self._found.of_the_run += self._outdated
            return
        subject = event["subject"]
        if kind == OUTDATED:
            self._first = self._first or number
            self._outdated.append(event)
            return
        if not self._subject:
            self._first, self._subject = self._first or number, subject
        strange = any(one["subject"] != subject for one in self._outdated)
        if subject != self._subject or subject in self._taken or strange:
            raise Refused(Problem(name, number, 1, f"{kind} of {subject} is out of place", AS_WRITTEN))
        if kind == FINISHED:
            self._finished(number, event, name)

    def _finished(self, number: int, event: dict[str, Any], name: str) -> None:
        subject, part = event["subject"], event.get("part")
        blocks = tuple(sorted(map(int, part["runs"]))) if part else (0,)
        of = part["blocks"] if part else 1
        if blocks[-1] >= of:
            raise Refused(Problem(name, number, 1, f"no block {blocks[-1]} of {of}", AS_WRITTEN))
        piece = Piece(self._record, self._first, number, blocks, of, bool(self._outdated))
        self._found.pieces.setdefault(subject, []).append(piece)
        self._taken.add(subject)
        if event["conforms"] is False:
            self._found.breaking.add(subject)
        self._first, self._subject, self._outdated = 0, "", []
