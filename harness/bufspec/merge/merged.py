"""The record that one run would have given, piece by piece, from the records of its shards.

What a shard judged alone is copied as it stands, with its signatures.  A subject of which several shards have
blocks is decided here, by the code that decides it in a run; its events are signed again only if
those that they come from were signed by this user.  Nothing of a record is evaluated.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cattrs
from attrs import define, field, frozen

from bufspec import _engine
from bufspec.errors import text_of
from bufspec.files.json_text import DAMAGED
from bufspec.files.problem import Problem, Refused
from bufspec.isolation.job import SubjectRun
from bufspec.merge.pieces import Gathered, Piece
from bufspec.reports.wording.sentences import in_words
from bufspec.run.check import Totals, events_of, footer_of, outdated_event, verdicts_of
from bufspec.run.expectations.entry import Expectation, Expectations
from bufspec.run.expectations.outdated import Upkeep, Use
from bufspec.run.kept import run_from_plain
from bufspec.run.plan import Options, Plan
from bufspec.run.record import (
    EVENT_NAMES,
    CaseFailed,
    json_from_event,
    line_from_json,
    names_code,
    signed_event,
)
from bufspec.run.recorded import refuse_misfit
from bufspec.run.selection import Listed
from bufspec.run.signature import is_signed
from bufspec.run.units import Unit
from bufspec.tables.rulebook import load_rulebook
from bufspec.wire.profile import Profile

FAILED = EVENT_NAMES[CaseFailed]
CHUNK = 1 << 20
MOST_NAMED = 3
STOPPED = "stopped"


@frozen
class Merged:
    """What the records come to together: the subjects that one run would have judged, and what is missing."""

    found: Gathered
    subjects: list[str]
    missing: dict[str, str]
    reason: str | None

    @staticmethod
    def of(found: Gathered) -> Merged:
        """Of these records, which may have gaps."""
        subjects, missing = found.subjects, found.missing()
        reason = next((one for one in map(_stopped, found.feet) if one), None)
        if reason:
            # A run stops at its first break in canonical order; each shard has all that was to come before.
            broken = (index for index, one in enumerate(subjects) if one in found.breaking)
            subjects = subjects[: next(broken, len(subjects)) + 1]
            missing = {name: missing[name] for name in subjects if name in missing}
        return Merged(found, subjects, missing, reason)

    def in_words(self) -> str:
        """What is missing."""
        named = ", ".join(list(self.missing.values())[:MOST_NAMED])
        more = len(self.missing) - MOST_NAMED
        return named + (f" and {more} more" if more > 0 else "")

    def lines(self) -> Iterator[str]:
        """The text of the record, piece by piece; Refused where a record says what cannot be."""
        found = self.found
        yield line_from_json(_head(found.heads))
        places = [_Places.of(file, index, found) for index, file in enumerate(found.files)]
        totals = Totals()
        upkeep = _upkeep(found)
        for name in self.subjects:
            pieces = sorted(found.pieces.get(name, ()), key=lambda one: one.blocks)
            if not pieces:
                continue
            if pieces[0].of == 1 or len(pieces) == 1:
                place = places[pieces[0].record]
                yield from place.text(pieces[0])
                _count(totals, place.finished(pieces[0]))
            else:
                blocks = [(one, places[one.record]) for one in pieces]
                for event in _Whole(found.heads[0], found.files, blocks).events(upkeep):
                    yield line_from_json(event)
                _count(totals, event)
        is_whole = not (self.missing or self.reason or totals.errors)
        for event in _outdated(found, upkeep) if is_whole else ():
            yield line_from_json(event)
        for event in _minimised(found, self.subjects):
            yield line_from_json(event)
        reason = f"incomplete: {self.in_words()} missing" if self.missing else self.reason
        complete = not (totals.errors or reason)
        seconds = sum(foot["seconds"] for foot in found.feet)
        yield line_from_json(
            json_from_event(footer_of(len(found.subjects), totals, complete, reason, seconds))
        )


def _stopped(foot: dict[str, Any]) -> str | None:
    reason = foot.get("reason")
    return reason if isinstance(reason, str) and reason.startswith(STOPPED) else None


def _head(heads: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The head of one run: when the first shard started, on all the platforms."""
    head = {key: value for key, value in heads[0].items() if key != "shard"}
    platforms = sorted({name for one in heads for name in one["platform"].split(" + ")})
    return {
        **head,
        "platform": " + ".join(platforms),
        "started": min(one["started"] for one in heads),
    }


def _count(totals: Totals, event: dict[str, Any]) -> None:
    totals.cases += event["cases"]
    totals.answers += event["answers"]
    totals.deaths += event["deaths"]
    totals.verdicts.append(event["conforms"])
    totals.undecided += "undecided" in event
    totals.broken |= {id_ for id_, rule in event["rules"].items() if rule["failed"]}
    totals.errors += "error" in event


def _upkeep(found: Gathered) -> Upkeep:
    """What all shards have seen of expectations; raises Refused for what is no use of one."""
    selection = found.heads[0].get("selection")
    packages = selection["packages"] if selection and not selection["filtered"] else ()
    upkeep = Upkeep(Expectations(), packages, ())
    for file, foot in zip(found.files, found.feet, strict=True):
        for one in foot.get("uses", ()):
            seen = {name: value for name, value in one.items() if name != "entry"}
            try:
                upkeep.add_use(_CONVERTER.structure(one["entry"], Expectation), Use(**seen))
            except Exception as error:  # whatever values of another form make of the converter
                message = f"uses are not of expectations: {text_of(error)}"
                raise Refused(Problem(str(file), 1, 1, message, DAMAGED)) from error
    return upkeep


def _outdated(found: Gathered, upkeep: Upkeep) -> Iterator[dict[str, Any]]:
    """The expectations that are of no use in all of the run."""
    yield from found.outdated
    edition = load_rulebook(found.heads[0]["edition"], _engine.rule_ids())
    for one in upkeep.outdated(edition.ids_of_edition):
        yield in_words(json_from_event(outdated_event(one, None)))


def _minimised(found: Gathered, subjects: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The simplest scenarios: of each rule that of the subject that comes first, as in one run."""
    order = {name: index for index, name in enumerate(subjects)}
    block = {(piece.record, name): piece.blocks for name, pieces in found.pieces.items() for piece in pieces}
    there = [one for one in found.minimised if one["subject"] in order]
    # Those of one subject in one record keep their order.
    there.sort(key=lambda one: (order[one["subject"]], block.get((one["record"], one["subject"]), ())))
    seen: set[object] = set()
    for one in there:
        key = one["rule"] or (one["subject"], one["case"])
        if key not in seen:
            seen.add(key)
            yield {name: value for name, value in one.items() if name != "record"}


@define
class _Places:
    """Where the lines of one record's pieces begin, in bytes."""

    file: Path
    _offsets: dict[int, int] = field(factory=dict)

    @staticmethod
    def of(file: Path, record: int, found: Gathered) -> _Places:
        """Of that record: one look through its file."""
        pieces = [piece for each in found.pieces.values() for piece in each if piece.record == record]
        wanted = {line for piece in pieces for line in (piece.first, piece.last, piece.last + 1)}
        offsets, at = {}, 0
        with file.open("rb") as raw:
            for number, line in enumerate(raw, start=1):
                if number in wanted:
                    offsets[number] = at
                at += len(line)
            offsets.setdefault(number + 1, at)
        return _Places(file, offsets)

    def text(self, piece: Piece) -> Iterator[str]:
        """The lines of a piece as they stand."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        left = self._offsets[piece.last + 1] - self._offsets[piece.first]
        with self.file.open("rb") as raw:
            raw.seek(self._offsets[piece.first])
            while left and (chunk := raw.read(min(left, CHUNK))):
                left -= len(chunk)
                yield decoder.decode(chunk, final=not left)

    def events(self, piece: Piece) -> Iterator[dict[str, Any]]:
        """The events of a piece."""
        yield from map(json.loads, "".join(self.text(piece)).splitlines())

    def finished(self, piece: Piece) -> dict[str, Any]:
        """The last event of a piece: what its subject came to."""
        with self.file.open("rb") as raw:
            raw.seek(self._offsets[piece.last])
            event: dict[str, Any] = json.loads(raw.readline())
        return event


@frozen
class _Whole:
    """A subject of which several records have blocks."""

    head: dict[str, Any]
    files: list[Path]
    pieces: list[tuple[Piece, _Places]]

    def events(self, upkeep: Upkeep) -> list[dict[str, Any]]:
        """Its events, as one run gives them; `upkeep` takes note of what they show of expectations."""
        shards = [list(place.events(piece)) for piece, place in self.pieces]
        runs: dict[Unit, SubjectRun] = {}
        found: list[dict[str, Any]] = []
        piece = self.pieces[0][0]
        name = str(self.files[piece.record])
        try:
            plan = _plan(self.head, shards[0][-1]["part"], name)
            for (piece, _), shard in zip(self.pieces, shards, strict=True):
                name = str(self.files[piece.record])
                for block, plain in shard[-1]["part"]["runs"].items():
                    unit = Unit(0, int(block), piece.of)
                    runs[unit] = run_from_plain(plain, shard[-1]["subject"])
            runs = dict(sorted(runs.items(), key=lambda one: one[0].block))
            verdicts = verdicts_of(plan, plan.subjects[0], [runs])
            upkeep.add(verdicts.judged)
            found = [in_words(json_from_event(one)) for one in events_of(verdicts)]
        except Refused:
            raise
        except Exception as error:  # whatever values of another form make of the code that decides
            message = f"part is not what a subject came to: {text_of(error)}"
            raise Refused(Problem(name, piece.last, 1, message, DAMAGED)) from error
        for event in found:
            refuse_misfit(event, name, piece.last)
        signed = {_key(one) for shard in shards for one in shard if _is_ours(one)}
        return [signed_event(one) if _key(one) in signed else one for one in found]


def _key(event: dict[str, Any]) -> tuple[object, ...]:
    return tuple(event.get(one) for one in ("event", "subject", "rule", "case", "replay"))


def _is_ours(event: dict[str, Any]) -> bool:
    return event["event"] == FAILED and names_code(event) and is_signed(FAILED, event)


def _plan(head: dict[str, Any], part: dict[str, Any], name: str) -> Plan:
    """What decides how the blocks of a subject are judged together, as its part says."""
    asked = part["asked"]
    every = load_rulebook(head["edition"], _engine.rule_ids())
    if every.digest != head["tables"]:
        message = "the record is of other tables than those of this bufspec"
        raise Refused(Problem(name, 1, 1, message, f"merge with bufspec {head['versions']['bufspec']}"))
    _engine.load_tables(every.trees)
    options = Options(
        edition=head["edition"],
        seed=head["seed"],
        rules=tuple(asked["rules"]),
        exclude=tuple(asked["exclude"]),
        case_patterns=tuple(asked["case_patterns"]),
        discover=asked["discover"],
        rules_of=asked.get("rules_of", ""),
    )
    subject = _CONVERTER.structure(part["subject"], Listed)
    entries = tuple(_CONVERTER.structure(one, Expectation) for one in part["expectations"])
    cases = Profile().cases(subject.target, options.edition, options.seed, options.bound)
    return Plan(
        options=options,
        rulebook=every.matching(options.rules, options.exclude),
        subjects=(subject,),
        cases={subject.target: cases},
        expectations=Expectations(entries),
    )


_CONVERTER = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)
