"""Which rules does a recording show broken, and by whom?

Each distinct answer of a type is judged once, by the judge of the engine, as a trace of one request.  It is
held against itself alone: what an object answered at another time says nothing for certain, for the
application may have changed it in between.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from bufspec import _engine
from bufspec.errors import RecordError
from bufspec.files.opened import MEGABYTE, read_chunks, read_present
from bufspec.files.problem import Problem, Refused
from bufspec.interposed.cursor import MOST
from bufspec.interposed.events import EXIT_BEGAN, LATE, Head, Note, Place, Release, Request
from bufspec.interposed.held import Views
from bufspec.interposed.reading import MAGIC, Recording
from bufspec.interposed.traces import NOT_SEEN, consumed, judged_answer, scenario_of, trace_of
from bufspec.tables.rulebook import Rulebook
from bufspec.values import Finding

SUFFIX = ".requests"
MOST_FILES = 100_000


@frozen
class Broken:
    """A rule that was broken, by whom, and where."""

    rule: str
    by: str
    """exporter or consumer."""
    type: str
    """Of the exporter."""
    finding: Finding = field(eq=False)
    word: int
    """The request that it was found at."""


@define
class Times:
    """How often something was seen, and at which places."""

    count: int = 0
    places: Counter[tuple[Place, ...]] = field(factory=Counter)

    def add(self, count: int, frames: list[Place]) -> None:
        """Count it, at that place."""
        self.count += count
        self.places[tuple(frames)] += count


@frozen
class Held:
    """Views of a type that were acquired at a place and not released."""

    type: str
    frames: tuple[Place, ...]
    process: int


@define
class Judgement:
    """What a folder of recordings shows."""

    folder: Path
    heads: list[Head] = field(factory=list)
    requests: Counter[str] = field(factory=Counter)
    """By the type of the exporter."""
    refusals: int = 0
    releases: int = 0
    broken: dict[Broken, Times] = field(factory=dict)
    judged: set[str] = field(factory=set)
    held_at_exit: Counter[Held] = field(factory=Counter)
    """Views that were held when the application's code had run; of a process that died, at its last event."""
    never_released: Counter[Held] = field(factory=Counter)
    """Those among them that the end of the interpreter did not release either."""
    unseen_releases: Counter[str] = field(factory=Counter)
    late: Counter[str] = field(factory=Counter)
    missed: Counter[str] = field(factory=Counter)
    skipped: Counter[str] = field(factory=Counter)
    """What could not be judged, by the reason."""
    unrecorded: list[str] = field(factory=list)
    """Python processes that were not recorded, each with the reason."""

    @property
    def versions(self) -> list[str]:
        """The versions of CPython that were recorded, each as X.Y.Z."""
        found = sorted({head.runtime >> 8 for head in self.heads})
        return [f"{one >> 16 & 0xFF}.{one >> 8 & 0xFF}.{one & 0xFF}" for one in found]


def judge_recordings(folder: Path, rulebook: Rulebook) -> Judgement:
    """Read and judge all recordings of a folder; Refused, with the place, for a damaged one."""
    _engine.load_tables(rulebook.trees)
    files = sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
    if not files:
        raise Refused(
            Problem(str(folder), 1, 1, "there is no recording", "bufspec record --out DIR -- CMD writes one")
        )
    if len(files) > MOST_FILES:
        raise RecordError(f"more than {MOST_FILES:,} processes were recorded", where=str(folder))
    judgement = Judgement(folder)
    for file in sorted(folder.glob("*.unrecorded")):
        judgement.unrecorded += read_present(file, MEGABYTE).splitlines()[:100]
    for recordings in _families(files):
        _follow(recordings, judgement)
    return judgement


def _families(files: Iterable[Path]) -> list[list[Recording]]:
    """Each process that was started, followed by its children of fork(), parents first."""
    recordings = [one for one in map(_opened, files) if one is not None]
    by_name = {(one.head.process, one.head.number): one for one in recordings}
    families: dict[tuple[int, int], list[Recording]] = {}
    for one in recordings:
        root, depth = one, 0
        while root.head.parent[:2] in by_name and depth < len(recordings):
            root, depth = by_name[root.head.parent[:2]], depth + 1
        families.setdefault((root.head.process, root.head.number), []).append(one)
    return [
        sorted(family, key=lambda one: (one.head.parent[2], one.head.parent)) for family in families.values()
    ]


def _opened(file: Path) -> Recording | None:
    """A recording; None for one whose process died before its head was written."""
    try:
        begin = next(read_chunks(file, MOST), b"")[: len(MAGIC)]
    except FileNotFoundError as error:
        raise Refused(Problem(str(file), 1, 1, "no such file", "is it a link to nothing?")) from error
    return Recording(file) if begin.strip(b"\0") or not begin else None


def _follow(recordings: list[Recording], judgement: Judgement) -> None:
    """Judge one family: a child begins with the views that its parent held at the fork."""
    forks: dict[tuple[int, int], list[Recording]] = {}
    for one in recordings:
        forks.setdefault(one.head.parent[:2], []).append(one)
    inherited: dict[tuple[int, int], Views] = {}
    for one in recordings:
        name = (one.head.process, one.head.number)
        views = inherited.pop(name, None) or Views(one)
        children = sorted(forks.get(name, ()), key=lambda child: child.head.parent[2])
        _Course(one, views, judgement, children, inherited).follow()


@define
class _Course:
    """One process, event by event."""

    recording: Recording
    views: Views
    judgement: Judgement
    children: list[Recording]
    inherited: dict[tuple[int, int], Views]
    answers: Counter[tuple[int, int, int]] = field(factory=Counter)
    """How often a type gave an answer at a place."""
    losses: Counter[tuple[int, int, int]] = field(factory=Counter)
    """Releases with an exception set before or after, by type and place."""

    def follow(self) -> None:
        """Take in all events, then judge what was seen."""
        head, result = self.recording.head, self.judgement
        result.heads.append(head)
        at_exit: Counter[tuple[str, tuple[Place, ...]]] | None = None
        for event in self.recording:
            while self.children and event.at > self.children[0].head.parent[2]:
                self._fork(self.children.pop(0))
            match event:
                case Request():
                    self.answers[event.type, event.place, event.answer] += 1
                    self.views.requested(event)
                case Release():
                    result.releases += 1
                    if event.exceptions:
                        self.losses[event.type, event.place, event.exceptions] += 1
                    self.views.released(event)
                case Note(kind=kind) if kind == EXIT_BEGAN:
                    at_exit = self.views.still_held()
                case Note(kind=kind, type=name):
                    (result.late if kind == LATE else result.missed)[name] += 1
        for child in self.children:
            self._fork(child)
        remaining = self.views.still_held()
        for held, into in ((at_exit or remaining, result.held_at_exit), (remaining, result.never_released)):
            if into is result.never_released and head.state != "ended":
                continue
            for (name, frames), count in held.items():
                into[Held(name, frames, head.process)] += count
        for type_, count in self.views.unseen.items():
            result.unseen_releases[self.recording.types[type_].name] += count
        self._judge_answers()
        self._judge_releases()
        self._judge_strays()

    def _fork(self, child: Recording) -> None:
        self.inherited[child.head.process, child.head.number] = self.views.copy(child)

    def _judge_answers(self) -> None:
        recording, result = self.recording, self.judgement
        for (type_, place, number), count in self.answers.items():
            answer = recording.answers[number - 1]
            name = recording.types[type_].name
            result.requests[name] += count
            result.refusals += count if answer.status else 0
            if answer.had_exception:
                result.skipped["an exception was set when the request was made"] += count
            if answer.is_unreadable:
                result.skipped["what the struct points at, as was asked for, cannot be read"] += count
                continue
            judged = judged_answer(answer, recording.head.runtime)
            if judged is None:
                result.skipped["an answer that the judge cannot be handed"] += count
                continue
            result.judged |= judged[0]
            for rule, finding in judged[1]:
                broken = Broken(rule, "exporter", name, finding, answer.word)
                result.broken.setdefault(broken, Times()).add(count, recording.frames(place))

    def _judge_releases(self) -> None:
        for (type_, place, bits), count in self.losses.items():
            released = {
                "obj": "NULL",
                "exception_set": not bits & 1 and bool(bits & 2),
                "canaries_intact": True,
                "live_exception_lost": bool(bits & 1) and bool(bits & 4),
                "unraisable": "",
                "references_kept": None,
            }
            trace = trace_of(["exception"], self.recording.head.runtime, [{"released": released}])
            self._note("exporter", type_, place, 0, count, [{"kind": "release", "slot": 0}], trace)

    def _judge_strays(self) -> None:
        for stray, count in self.views.stray.items():
            if self.views.unknown_owners[stray.type]:
                reason = "a release without an acquire, of a type that is also acquired where it is not seen"
                self.judgement.skipped[reason] += count
                continue
            request = {"flags": stray.word, "granted": True, "releases": 2, "changed": []}
            steps_seen = [{"consumed": consumed(request)}]
            trace = trace_of(["requests"], self.recording.head.runtime, steps_seen)
            steps = [{"kind": "consume", "slot": 0}]
            self._note("consumer", stray.type, stray.place, stray.word, count, steps, trace)

    def _note(
        self,
        by: str,
        type_: int,
        place: int,
        word: int,
        count: int,
        steps: list[dict[str, Any]],
        trace: dict[str, Any],
    ) -> None:
        said = _engine.judge_trace(json.dumps(scenario_of(by, steps)), json.dumps(trace))
        self.judgement.judged |= set(said["judged"]) - set(NOT_SEEN)
        for one in said["violations"]:
            broken = Broken(one["rule"], by, self.recording.types[type_].name, one["finding"], word)
            self.judgement.broken.setdefault(broken, Times()).add(count, self.recording.frames(place))
