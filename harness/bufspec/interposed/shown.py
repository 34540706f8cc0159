"""What is shown of a judged recording: each broken rule once for each type, the gravest first."""

from __future__ import annotations

from typing import Any

from attrs import asdict, field, frozen

from bufspec import _engine
from bufspec.interposed.events import Place
from bufspec.interposed.judgement import Broken, Held, Judgement, Times
from bufspec.interposed.known import known_break
from bufspec.reports.wording.sentences import sentences_of
from bufspec.run.advice import advice
from bufspec.run.expectations.entry import Expectations
from bufspec.tables.rulebook import Rulebook

LEVELS = ("required", "recommended", "contested")
MOST_PLACES = 20


@frozen
class ShownPlace:
    """A place of the application, and how often it was seen."""

    frames: list[str]
    count: int


@frozen
class ShownBreak:
    """A rule that was broken, by whom, and where the requests were made that show it."""

    rule: str
    level: str
    impact: str
    statement: str
    hint: str | None
    by: str
    type: str
    request: str
    expected: str
    found: str
    count: int
    places: list[ShownPlace]
    expected_because: str | None = None
    """The reason of the expectation that lists it."""


@frozen
class ShownView:
    """Views of a type that were held, by the place where they were acquired."""

    type: str
    frames: list[str]
    count: int


@frozen
class Shown:
    """A judged recording, as values."""

    folder: str
    processes: list[dict[str, Any]]
    requests: int
    refusals: int
    releases: int
    types: dict[str, int]
    rules_judged: int
    broken: list[ShownBreak]
    held_at_exit: list[ShownView]
    never_released: list[ShownView]
    unseen_releases: dict[str, int]
    late: list[str]
    missed: list[str]
    skipped: dict[str, int]
    unrecorded: list[str]
    counted_only: int = field(default=0)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def shown_judgement(judgement: Judgement, rulebook: Rulebook, expectations: Expectations) -> Shown:
    """What is shown of it; what the expectations list comes last."""
    merged: dict[tuple[str, str, str], list[tuple[Broken, Times]]] = {}
    for broken, times in judgement.broken.items():
        if broken.rule in rulebook.rules:
            merged.setdefault((broken.rule, broken.by, broken.type), []).append((broken, times))
    breaks = [_shown_break(found, rulebook, expectations) for found in merged.values()]
    order = list(rulebook.rules)
    breaks.sort(
        key=lambda one: (
            one.expected_because is not None,
            LEVELS.index(one.level),
            order.index(one.rule),
            one.type,
        )
    )
    return Shown(
        folder=str(judgement.folder),
        processes=[
            {
                "process": head.process,
                "command": " ".join(head.command),
                "end": _end(head.is_closed, head.state),
            }
            for head in judgement.heads
        ],
        requests=sum(judgement.requests.values()),
        refusals=judgement.refusals,
        releases=judgement.releases,
        types=dict(judgement.requests.most_common()),
        rules_judged=len(judgement.judged),
        broken=breaks,
        held_at_exit=_shown_views(judgement.held_at_exit),
        never_released=_shown_views(judgement.never_released),
        unseen_releases=dict(judgement.unseen_releases.most_common()),
        late=sorted(judgement.late),
        missed=sorted(judgement.missed),
        skipped=dict(judgement.skipped.most_common()),
        unrecorded=judgement.unrecorded,
        counted_only=sum(head.unrecorded for head in judgement.heads),
    )


def _end(is_closed: bool, state: str) -> str:
    if not is_closed:
        return "died, was killed, called os._exit() or became another program"
    return "ended" if state == "ended" else "ended without ending the interpreter"


def _shown_break(
    found: list[tuple[Broken, Times]], rulebook: Rulebook, expectations: Expectations
) -> ShownBreak:
    # One finding stands for all of a type: that which was seen most often.
    broken, _ = max(found, key=lambda one: one[1].count)
    rule = rulebook.rules[broken.rule]
    said = sentences_of(broken.rule, broken.finding)
    known = known_break(expectations, broken.rule, broken.type) if broken.by == "exporter" else None
    total = Times()
    for _, times in found:
        total.count += times.count
        total.places.update(times.places)
    return ShownBreak(
        rule=broken.rule,
        level=rule.level,
        impact=rule.impact,
        statement=rule.statement,
        hint=advice(rule, broken.finding, ""),
        by=broken.by,
        type=broken.type,
        request=f"0x{broken.word & 0xFFFFFFFF:03x} ({_engine.flags_name(broken.word)})",
        expected=said.expected,
        found=said.found,
        count=total.count,
        places=[
            ShownPlace(_frames(frames), count) for frames, count in total.places.most_common(MOST_PLACES)
        ],
        expected_because=known.reason if known else None,
    )


def _shown_views(held: dict[Held, int]) -> list[ShownView]:
    merged: dict[tuple[str, tuple[Place, ...]], int] = {}
    for one, count in held.items():
        merged[one.type, one.frames] = merged.get((one.type, one.frames), 0) + count
    views = [ShownView(type_, _frames(frames), count) for (type_, frames), count in merged.items()]
    return sorted(views, key=lambda one: (-one.count, one.type, one.frames))


def _frames(frames: tuple[Place, ...]) -> list[str]:
    return [str(one) for one in frames] or ["(no Python code)"]
