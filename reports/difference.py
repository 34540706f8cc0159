"""What is different between two records: what broke, what was fixed, what is new, what is gone?

Takes events one by one, the older record first, and holds of each subject only what each rule came to; the
failures that show what broke are kept until their subject is over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from attrs import define, evolve, field, frozen
from bufspec.visible import visible_values
from bufspec.words import DEATH

Event = dict[str, Any]
UNDECIDED = "undecided"
GOOD = ("pass", "contested", "skip")
"""The outcomes of a rule that is not broken."""


@frozen
class Came:
    """What a rule, or all ends of the process (the rule `death`), came to on a subject."""

    outcome: str
    level: str
    reading: str = ""

    @property
    def is_broken(self) -> bool:
        """Whether it fails."""
        return self.outcome not in GOOD


@frozen
class Change:
    """One rule of one subject that came to something else: `old` and `new` are outcomes, None if absent.

    `is_expected` says that an expectation of the newer run lists it; `found` and `replay` are of its first
    failure there.
    """

    subject: str
    rule: str
    level: str
    old: str | None
    new: str | None
    is_expected: bool = False
    found: str = ""
    replay: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not known is left out."""
        names = ("subject", "rule", "level", "old", "new")
        said = {name: getattr(self, name) for name in names}
        more = {"expected": self.is_expected, "found": self.found, "replay": self.replay}
        return said | {name: value for name, value in more.items() if value}


@frozen
class Appeared:
    """A subject that only one of the records has, and how many rules it breaks there."""

    subject: str
    broken: int

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"subject": self.subject, "broken": self.broken}


@define
class Difference:
    """The differences, in the order of the newer record; `gone` in that of the older one.

    `appeared` are rules that only the newer record judges, `vanished` those that only the older one did.
    """

    old: Event = field(factory=dict)
    new: Event = field(factory=dict)
    broke: list[Change] = field(factory=list)
    fixed: list[Change] = field(factory=list)
    changed: list[Change] = field(factory=list)
    new_subjects: list[Appeared] = field(factory=list)
    gone_subjects: list[Appeared] = field(factory=list)
    appeared: list[Change] = field(factory=list)
    vanished: list[Change] = field(factory=list)

    def broke_at(self, levels: Collection[str]) -> bool:
        """Whether something broke at one of these levels, or a process ends, or nothing can be judged."""
        return any(one.level in levels for one in self.broke)

    @property
    def is_nothing(self) -> bool:
        """Whether both came to the same."""
        return not any((*self.lists().values(),))

    def lists(self) -> dict[str, list[Any]]:
        """The kinds of differences by name."""
        return {
            "broke": self.broke,
            "fixed": self.fixed,
            "changed": self.changed,
            "new_subjects": self.new_subjects,
            "gone_subjects": self.gone_subjects,
            "new_rules": self.appeared,
            "gone_rules": self.vanished,
        }

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        heads = {"old": heading(self.old), "new": heading(self.new)}
        return heads | {name: [one.to_json() for one in found] for name, found in self.lists().items()}

    def other_settings(self) -> list[tuple[str, str, str]]:
        """What the runs differ in besides what they came to: versions, tables, edition, platform."""
        old, new = heading(self.old), heading(self.new)
        names = dict.fromkeys((*old["versions"], *new["versions"]))
        found = [
            (name, old["versions"].get(name, "absent"), new["versions"].get(name, "absent")) for name in names
        ]
        found += [(key, str(old[key]), str(new[key])) for key in ("edition", "seed", "platform")]
        if old["tables"] != new["tables"]:
            found.append(("tables", old["tables"][:12], new["tables"][:12]))
        return [one for one in found if one[1] != one[2]]


def heading(head: Event) -> Event:
    """Of the head of a record what says under which circumstances it came about."""
    return {key: head[key] for key in ("versions", "tables", "edition", "seed", "platform", "started")}


class Comparison:
    """Takes the events of the older record, then those of the newer one."""

    def __init__(self) -> None:
        self._difference = Difference()
        self._old: dict[str, dict[str, Came]] = {}
        self._shared: dict[Came, Came] = {}
        self._failures: dict[str, Event] = {}
        """The first failure of each rule of the subject that is not finished."""

    def take_old(self, event: Event) -> None:
        """Take an event of the older record."""
        if event["event"] == "run-started":
            self._difference.old = event
        else:
            self._take(event, self._keep)

    def take_new(self, event: Event) -> None:
        """Take an event of the newer record, once the older one is over."""
        if event["event"] == "run-started":
            self._failures.clear()
            self._difference.new = event
        else:
            self._take(event, self._compare)

    def difference(self) -> Difference:
        """All that differs, once both are over."""
        gone = [Appeared(name, _broken(came)) for name, came in self._old.items()]
        self._difference.gone_subjects = gone
        return self._difference

    def _take(self, event: Event, finish: Any) -> None:
        if event["event"] == "case-failed":
            self._failures.setdefault(event["rule"] or DEATH, event)
        elif event["event"] == "subject-finished":
            finish(event["subject"], dict(self._came(event)), event)
            self._failures.clear()

    def _came(self, event: Event) -> Iterator[tuple[str, Came]]:
        for rule, record in event["rules"].items():
            yield rule, self._one(Came(record["outcome"], record["level"], record.get("reading", "")))
        if death := self._failures.get(DEATH):
            yield DEATH, self._one(Came(death["outcome"], "required"))
        if UNDECIDED in event:
            yield UNDECIDED, self._one(Came(UNDECIDED, "required"))

    def _one(self, came: Came) -> Came:
        return self._shared.setdefault(came, came)

    def _keep(self, subject: str, came: dict[str, Came], event: Event) -> None:
        self._old[subject] = came

    def _compare(self, subject: str, came: dict[str, Came], event: Event) -> None:
        found = self._difference
        before = self._old.pop(subject, None)
        if before is None:
            found.new_subjects.append(Appeared(subject, _broken(came)))
            return
        for rule in dict.fromkeys((*came, *before)):
            old, new = before.get(rule), came.get(rule)
            level = (new or old or Came("", "")).level
            change = Change(subject, rule, level, old.outcome if old else None, new.outcome if new else None)
            if rule in (DEATH, UNDECIDED):
                old, new = old or _fine(level), new or _fine(level)
            if old is None and new is not None:
                found.appeared.append(self._explained(change, event))
            elif new is None:
                found.vanished.append(change)
            elif new.is_broken and not (old and old.is_broken):
                found.broke.append(self._explained(change, event))
            elif old and old.is_broken and not new.is_broken:
                # What was not judged is not known to hold.
                (found.vanished if new.outcome == "skip" else found.fixed).append(change)
            elif old and (old.outcome, old.reading) != (new.outcome, new.reading):
                self._note_other(change, old, new)

    def _note_other(self, change: Change, old: Came, new: Came) -> None:
        """Note what is neither better nor worse: another reading, another way to end, judged or not."""
        said = [f"{one.outcome} ({one.reading})" if one.reading else one.outcome for one in (old, new)]
        self._difference.changed.append(evolve(change, old=said[0], new=said[1]))

    def _explained(self, change: Change, event: Event) -> Change:
        """With what shows it, if it fails."""
        failure = self._failures.get(change.rule, {})
        record: Mapping[str, Any] = event["rules"].get(change.rule) or event.get(change.rule) or failure
        return evolve(
            change,
            is_expected=record.get("verdict") == "as_expected",
            found=failure.get("found", "") or record.get("reason", ""),
            replay=failure.get("replay", ""),
        )


def _fine(level: str) -> Came:
    return Came("pass", level)


def _broken(came: Mapping[str, Came]) -> int:
    return sum(one.is_broken for one in came.values())


def visible_difference(difference: Difference) -> dict[str, Any]:
    """The differences as plain values, with every text in them visible."""
    shown: dict[str, Any] = visible_values(difference.to_json())
    return shown
