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

from attrs import define, evolve, field, frozen

from bufspec.merge.deciding import Decider
from bufspec.merge.pieces import Gathered, Piece
from bufspec.run.check import Totals, footer_of
from bufspec.run.record import json_from_event, line_from_json

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
    decider: Decider | None

    @staticmethod
    def of(found: Gathered, out: str = "") -> Merged:
        """Of these records, which may have gaps; `out` is the folder of the whole."""
        subjects, missing = found.subjects, found.missing()
        reason = next((one for one in map(_stopped, found.feet) if one), None)
        if reason:
            # A run stops at its first break in canonical order; each shard has all that was to come before.
            broken = (index for index, one in enumerate(subjects) if one in found.breaking)
            subjects = subjects[: next(broken, len(subjects)) + 1]
            missing = {name: missing[name] for name in subjects if name in missing}
        return Merged(found, subjects, missing, reason, Decider.of(found, out))

    def in_words(self) -> str:
        """What is missing."""
        named = ", ".join(list(self.missing.values())[:MOST_NAMED])
        more = len(self.missing) - MOST_NAMED
        return named + (f" and {more} more" if more > 0 else "")

    def lines(self) -> Iterator[str]:
        """The text of the record, piece by piece; Refused where a record says what cannot be."""
        found = self.found
        yield line_from_json(self._head())
        places = [_Places.of(file, index, found) for index, file in enumerate(found.files)]
        totals = Totals()
        for name in self.subjects:
            pieces = sorted(found.pieces.get(name, ()), key=lambda one: one.blocks)
            if not pieces:
                continue
            place = places[pieces[0].record]
            if len(pieces) > 1 and self.decider:
                shards = [(one, places[one.record]) for one in pieces]
                events = self.decider.whole(
                    [(one, each.file, list(each.events(one))) for one, each in shards]
                )
                yield from map(line_from_json, events)
                _count(totals, events[-1])
            else:
                yield from self._copied(place, pieces[0])
                _count(totals, place.finished(pieces[0]))
        reason = f"incomplete: {self.in_words()} missing" if self.missing else self.reason
        complete = not (totals.errors or reason)
        yield from map(line_from_json, self._of_the_run(complete=complete))
        yield from map(line_from_json, _minimised(found, self.subjects))
        seconds = round(sum(foot["seconds"] for foot in found.feet), 3)
        footer = footer_of(len(found.subjects), totals, complete, reason, seconds)
        if self.missing and self.decider:  # others may still be merged with it
            footer = evolve(footer, uses=self.decider.upkeep.uses() or None)
        yield line_from_json(json_from_event(footer))

    def _copied(self, place: _Places, piece: Piece) -> Iterator[str]:
        """What one record has of a subject, as it stands but for how expectations are fixed."""
        if not piece.outdated or not self.decider or self.missing:
            yield from place.text(piece)
            return
        for event in place.events(piece):
            yield line_from_json(self.decider.fixed(event))

    def _of_the_run(self, *, complete: bool) -> Iterator[dict[str, Any]]:
        yield from self.found.of_the_run
        if complete and self.decider:
            yield from self.decider.of_the_run()

    def _head(self) -> dict[str, Any]:
        """The head of one run: when the first shard started, on all the platforms."""
        heads = self.found.heads
        head = {key: value for key, value in heads[0].items() if key != "shard"}
        platforms = sorted({name for one in heads for name in one["platform"].split(" + ")})
        started = min(one["started"] for one in heads)
        if any(one.get("interpreter") != head.get("interpreter") for one in heads):
            head.pop("interpreter", None)
        head |= {"platform": " + ".join(platforms), "started": started}
        return {**head, "asked": self.found.asked} if self.missing and self.decider else head


def _stopped(foot: dict[str, Any]) -> str | None:
    reason = foot.get("reason")
    return reason if isinstance(reason, str) and reason.startswith(STOPPED) else None


def _count(totals: Totals, event: dict[str, Any]) -> None:
    totals.cases += event["cases"]
    totals.answers += event["answers"]
    totals.deaths += event["deaths"]
    totals.verdicts.append(event["conforms"])
    totals.undecided += "undecided" in event
    totals.broken |= {id_ for id_, rule in event["rules"].items() if rule["failed"]}
    totals.errors += "error" in event


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
        yield from map(json.loads, "".join(self.text(piece)).removesuffix("\n").split("\n"))

    def finished(self, piece: Piece) -> dict[str, Any]:
        """The last event of a piece: what its subject came to."""
        with self.file.open("rb") as raw:
            raw.seek(self._offsets[piece.last])
            event: dict[str, Any] = json.loads(raw.readline())
        return event
