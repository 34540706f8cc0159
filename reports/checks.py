"""What did each thing that was checked come to: each rule on each subject, each end of a process, each entry?

The machine formats are lists of these, so that a known failure or a death is the same thing in all of them.
Of the record no more is held than the first failure of each rule on the subjects that are not finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from attrs import define, evolve, field, frozen
from bufspec.reports.counting import counted, shortened
from bufspec.reports.findings import reasons_of
from bufspec.reports.wording.outdated import how_to_fix, what_is_wrong
from bufspec.reports.wording.sentences import where_without_case
from bufspec.visible import visible, visible_values
from bufspec.words import BINDING, DEATH

Event = dict[str, Any]

PASSED, SKIPPED, BROKEN, FLAKY, DIED, ERROR, UNDECIDED, OUTDATED, INCOMPLETE = (
    *("passed", "skipped", "broken", "flaky", "died", "error"),
    *("undecided", "outdated", "incomplete"),
)
UNFINISHED = "the record ends before the subject was finished"
LONGEST = 4_000
"""Characters of one text: a message of a megabyte is no message."""
WAYS = 100
"""So many ways to die are listed for one subject."""


@frozen
class Check:
    """One thing that was checked.

    `name` is a rule, or says what else it is about; `text` is one line, `details` are lines with labels.  Of
    what is expected `because` says why.
    """

    subject: str
    name: str
    kind: str
    level: str = "required"
    text: str = ""
    because: str = ""
    link: str = ""
    details: tuple[tuple[str, str], ...] = ()
    event: Event = field(factory=dict)
    """The first failure, where there is one."""
    where: str = ""
    """The file and the line that declares the subject or the expectation, where that is known."""

    @property
    def is_known(self) -> bool:
        """Whether somebody expects that it fails."""
        return bool(self.because)

    @property
    def is_advice(self) -> bool:
        """Whether it is a break of a rule that binds nobody."""
        return self.kind in (BROKEN, FLAKY) and self.level not in BINDING

    @property
    def fails(self) -> bool:
        """Whether it is news that fails a run by itself: not known, and no advice."""
        return self.kind not in (PASSED, SKIPPED) and not self.is_known and not self.is_advice


@define
class _Pending:
    """What was seen of a subject that is not finished."""

    failures: dict[str, Event] = field(factory=dict)
    deaths: dict[Any, tuple[Event, int]] = field(factory=dict)
    outdated: list[Event] = field(factory=list)


def checks_of(events: Iterable[Event]) -> Iterator[tuple[str, list[Check]]]:
    """The checks of each subject, in the order of the record, and under "" what is about the run."""
    pending: dict[str, _Pending] = {}
    foot: Event = {}
    for event in events:
        match event["event"]:
            case "case-failed":
                _add_failure(pending.setdefault(event["subject"], _Pending()), event)
            case "expectation-outdated":
                pending.setdefault(event["subject"], _Pending()).outdated.append(visible_values(event))
            case "subject-finished":
                name = _shown(event["subject"])
                seen = pending.pop(event["subject"], _Pending())
                where = visible(event.get("where", ""))
                yield name, [_placed(one, where) for one in _finished(name, event, seen)]
            case "run-finished":
                foot = event
    run: list[Check] = []
    for subject, seen in pending.items():
        name = _shown(subject)
        if not seen.failures and not seen.deaths:  # an expectation of the whole run has a glob for a subject
            run += _pending(name, seen)
            continue
        error = Check(name, "judged completely", ERROR, text=UNFINISHED)
        yield name, [*_pending(name, seen), error]
    if not foot["complete"]:
        reason = _shown(foot.get("reason", "a subject could not be judged completely"))
        run.append(Check("", "complete", INCOMPLETE, text=f"the run is incomplete: {reason}"))
    if run:
        yield "", run


def _placed(one: Check, where: str) -> Check:
    return one if one.where or one.kind in (PASSED, SKIPPED) else evolve(one, where=where)


def _add_failure(seen: _Pending, event: Event) -> None:
    if event["rule"] is not None:
        if event["rule"] not in seen.failures:
            seen.failures[event["rule"]] = visible_values(event)
        return
    how = *(event.get(key) for key in ("outcome", "signal", "status", "detail")), reasons_of(event)
    if len(seen.deaths) >= WAYS and how not in seen.deaths:
        how = next(iter(seen.deaths))
    first, count = seen.deaths.get(how, (None, 0))
    seen.deaths[how] = first or visible_values(event), count + 1


def _finished(name: str, event: Event, seen: _Pending) -> Iterator[Check]:
    for rule, record in event["rules"].items():
        yield _rule(name, rule, record, seen.failures.get(rule))
    yield from _pending(name, seen, rules=False)
    if event.get("error"):
        yield Check(name, "judged completely", ERROR, text=_shown(event["error"]))
    if why := event.get("undecided"):
        because, link = _excuse(why)
        yield Check(name, "decided", UNDECIDED, text=_shown(why["reason"]), because=because, link=link)


def _rule(name: str, rule: str, record: Event, first: Event | None) -> Check:
    level = record["level"]
    match record["outcome"]:
        case "pass":
            return Check(name, rule, PASSED, level)
        case "contested":
            return Check(name, rule, PASSED, level, f"ambiguous: follows {_shown(record['reading'])}")
        case "skip":
            return Check(name, rule, SKIPPED, level, _shown(record["reason"]))
    because, link = _excuse(record)
    cases = f"in {record['failed']:,} of {counted(record['cases'], 'case')}"
    kind = FLAKY if record["outcome"] == "flaky" else BROKEN
    if kind == FLAKY:
        runs = ", ".join(f"{count:,} {outcome}" for outcome, count in record.get("runs", {}).items())
        cases = f"not the same in each repeat ({_shown(runs)})"
    said = f"expected {_shown(first['expected'])}, found {_shown(first['found'])}; " if first else ""
    return Check(
        *(name, rule, kind, level, said + cases, because, link),
        details=_details(first or {}),
        event=first or {},
    )


def _pending(name: str, seen: _Pending, *, rules: bool = True) -> Iterator[Check]:
    """What is no rule of a finished subject."""
    for rule, first in seen.failures.items() if rules else ():
        because, link = _excuse(first)
        text = f"expected {_shown(first['expected'])}, found {_shown(first['found'])}"
        kind = FLAKY if first["outcome"] == "flaky" else BROKEN
        yield Check(
            name, rule, kind, first["level"], text, because, link, details=_details(first), event=first
        )
    for first, count in seen.deaths.values():
        because, link = _excuse(first)
        where = first["case"] or where_without_case(first)
        text = f"{_shown(first['found'])}; in {counted(count, 'case')}, first {_shown(where)}"
        kind = FLAKY if first["outcome"] == "flaky" else DIED
        how = f"{DEATH}: {first['outcome']} {first.get('signal', '')}".rstrip()
        yield Check(*(name, how, kind, "required", text, because, link), details=_details(first), event=first)
    for event in seen.outdated:
        text = f"{_shown(what_is_wrong(event))}; {_shown(event['because'])}"
        yield Check(
            *(name, f"expectation {_shown(event['rule'])}", OUTDATED),
            text=text,
            details=(("entry", _shown(event["where"])), ("fix", _shown(how_to_fix(event)))),
            event=event,
            where=event["where"],
        )


def _excuse(event: Event) -> tuple[str, str]:
    """Why it is expected and where to read more."""
    if event.get("verdict") != "as_expected":
        return "", ""
    return _shown(event["because"]) or "expected", _shown(event["link"])


def _details(first: Event) -> tuple[tuple[str, str], ...]:
    """What helps to understand and repeat it, in lines with labels."""
    rows = [
        ("statement", first.get("statement")),
        ("impact", first.get("impact")),
        ("case", first.get("case")),
        ("scenario", first.get("scenario")),
        ("expected", first.get("expected")),
        ("found", first.get("found")),
        ("fix", first.get("hint")),
        ("replay", first.get("replay")),
        *(("stack", frame) for frame in first.get("stack", ())),
    ]
    return tuple((label, _shown(text)) for label, text in rows if text)


def _shown(text: str) -> str:
    return shortened(visible(text), LONGEST)
