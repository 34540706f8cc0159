"""What does a record say that a file of expectations should be?

What is outdated is removed, narrowed to the subjects that still fail, or given the outcome that it has now;
new failures are added with the reason that a person gives.  A record that left something out, or is of
another text of the file, is refused.  Nothing here writes a file.
"""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from bufspec.errors import ExpectationError, RecordError
from bufspec.isolation.death import Outcome
from bufspec.run.expectations.editing import Values, new_file, rewritten
from bufspec.run.expectations.entry import Verdict, is_name
from bufspec.run.expectations.files import (
    KEY,
    digest_of,
    expectations_directory,
    identity_of,
    subjects_of,
)
from bufspec.run.expectations.outdated import Kind
from bufspec.run.news import FAIL_ON
from bufspec.run.recorded import Record
from bufspec.spec.positions import document_from_text, read_table
from bufspec.words import DEATH

Event = dict[str, Any]
REMOVED = (Kind.NO_SUBJECT, Kind.RULE_NOT_RUN, Kind.NO_CASE)
NOT_ADDED = "new failure, not added: "
MOST_SHOWN = 8
"""Of the subjects of an entry, in what is said of it."""
AGAIN = "run check again, without --rule, --exclude, --case, --fail-fast and --no-discover"


@frozen
class Update:
    """The new text of a file, and in words what differs and what was left."""

    text: str
    changed: list[str]
    left: list[str]


@frozen
class Reason:
    """Why new failures are known, and where to read more."""

    reason: str
    link: str


@define
class _Seen:
    """What a record says, as far as entries are about it."""

    outdated: list[Event] = field(factory=list)
    subjects: dict[str, Event] = field(factory=dict)
    deaths: list[Event] = field(factory=list)


def update_from(record: Record, file: str, reason: Reason | None, fail_on: str) -> Update:
    """What `file` should be by a record; RecordError or ExpectationError where the record does not tell."""
    _refuse_part(record)
    seen = _seen(record)

    def copies(row: Values, events: list[Event]) -> list[Values] | None:
        if isinstance(row["subject"], str):
            return _copies(row, events, seen, record.head)
        return _copies_of_list(row, events, seen, record.head)

    new = list(_new_failures(seen, FAIL_ON[fail_on]))
    change = Change(record.head.get("expectations", ()), str(record.file), seen.outdated, new, copies)
    return updated(change, file, reason)


@frozen
class Change:
    """What a record says: the files that its run used, the events of outdated entries, and new failures.

    `copies` gives what takes the place of an entry; None where the record does not say, since subjects are
    missing.
    """

    files: Iterable[Event]
    where: str
    outdated: list[Event]
    new: list[Values]
    copies: Callable[[Values, list[Event]], Sequence[Values] | None]


def updated(change: Change, file: str, reason: Reason | None) -> Update:
    """What `file` should be by what a record says."""
    new = change.new
    name, text = _file_of(change.files, file, may_be_new=reason is not None)
    added: list[Values] = []
    if reason:
        added = [{**row, "reason": reason.reason, "link": reason.link} for row in new]
    left = [] if reason else [f"{NOT_ADDED}{row['rule']} of {row['subject']}" for row in new]
    if text is None:
        if not added:
            raise ExpectationError("no new failure to write", where=file)
        added = _together(added)
        said = [_added(row) for row in added]
        return Update(new_file(added, file), said, left)
    rows: Any = document_from_text(text, file).value
    edits: dict[int, Sequence[Values]] = {}
    by_entry = _by_entry(change.outdated, name)
    if any(number >= len(rows[KEY]) for number in by_entry):
        raise RecordError("the record is not of this file", where=change.where, hint="run check again")
    taken = {identity_of(row) for number, row in enumerate(rows[KEY]) if number not in by_entry}
    added = [row for row in added if identity_of(row) not in taken]
    added = _together(added)
    changed = [_added(row) for row in added]
    for number, events in sorted(by_entry.items()):
        row = rows[KEY][number]
        where = events[0]["where"]
        copies = change.copies(row, events)
        if copies is None:
            left.append(f"{where}: left as it is, for it names subjects that this record did not judge")
            continue
        # Narrowed, it may say what another entry says.
        copies = [one for one in copies if identity_of({**row, **one}) not in taken]
        taken |= {identity_of({**row, **one}) for one in copies}
        edits[number] = copies
        changed.append(f"{where}: {_in_words(row, copies)}")
    found = rewritten(text, file, edits, added) if edits or added else text
    return Update(found, changed, left)


def _together(rows: Iterable[Values]) -> list[Values]:
    """The same entries, with one for all subjects of which all else is the same."""
    found: dict[tuple[Any, ...], list[str]] = {}
    for row in rows:
        others = tuple((key, value) for key, value in row.items() if key != "subject")
        found.setdefault(others, []).append(row["subject"])
    return [
        {"subject": subjects[0] if len(subjects) == 1 else subjects, **dict(others)}
        for others, subjects in found.items()
    ]


def _added(row: Values) -> str:
    return f"added: {row['rule']} of {', '.join(subjects_of(row))}"


def _refuse_part(record: Record) -> None:
    """Raise RecordError for a record that leaves something out, or does not say that it does not."""
    where = str(record.file)
    head, foot = record.head, record.foot
    if not record.is_whole or not foot["complete"]:
        reason = foot.get("reason", "a subject could not be judged")
        raise RecordError(f"the run is incomplete: {reason}", where=where, hint="finish the run first")
    if "selection" not in head:
        raise RecordError("the record does not say what it left out", where=where, hint=AGAIN)
    if "shard" in head:
        raise RecordError("the record is a shard's", where=where, hint="bufspec merge puts them together")
    if head["selection"]["filtered"]:
        raise RecordError("the run left out rules or cases", where=where, hint=AGAIN)


def used_file(files: Iterable[Event]) -> str:
    """The one file that a run used, besides those that come with bufspec; ExpectationError otherwise.

    `files` are those that the head of its record names.
    """
    used = [one["file"] for one in files if not one["ours"]]
    if len(used) != 1:
        what = ", ".join(used) if used else "no file but those that come with bufspec"
        raise ExpectationError(f"the run used {what}", hint="say which one is to be updated: --file FILE")
    return str(used[0])


def _file_of(files: Iterable[Event], file: str, *, may_be_new: bool) -> tuple[str, str | None]:
    """How a record calls a file, by those that its head names, and its text, None if it is to be made."""
    for one in files:
        used = expectations_directory().parent / one["file"] if one["ours"] else Path(one["file"])
        # Those that came with bufspec lie in its sources, too.
        is_same = used.name == Path(file).name if one["ours"] else _is_same(used, Path(file))
        if is_same and Path(file).exists():
            text = read_table(Path(file), file)
            if digest_of(text) != one["digest"]:
                raise ExpectationError("was changed since the run", where=file, hint="run check again")
            return one["file"], text
    if may_be_new and not Path(file).exists():
        return file, None
    raise ExpectationError(
        "the run did not use this file", where=file, hint=f"bufspec check ... --expectations {file}"
    )


def _is_same(one: Path, other: Path) -> bool:
    """Whether both names lead to the same place; one of a record may be no name at all."""
    try:
        return os.path.realpath(one) == os.path.realpath(other)
    except (OSError, ValueError):
        return False


def _seen(record: Iterable[Event]) -> _Seen:
    seen = _Seen()
    for event in record:
        match event["event"]:
            case "expectation-outdated":
                seen.outdated.append(event)
            case "subject-finished":
                seen.subjects[event["subject"]] = event
            case "case-failed" if event["rule"] is None:
                seen.deaths.append(event)
    return seen


def _by_entry(outdated: Iterable[Event], name: str) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    for event in outdated:
        if event["where"].rpartition(":")[0] == name and "entry" in event:
            found.setdefault(event["entry"], []).append(event)
    return found


def _copies(row: Values, events: list[Event], seen: _Seen, head: Event) -> list[Values] | None:
    """What takes the place of an entry; None if the record does not say, since subjects are missing."""
    kinds = {Kind(one["kind"]) for one in events}
    if kinds & set(REMOVED):
        return []
    if Kind.TOO_BROAD in kinds:
        failed = next((one["failed"] for one in events if "failed" in one), None)
        return [{"at_most": failed}] if failed is not None else _together(_one_by_one(row, seen))
    if not _covers(row["subject"], head["selection"]["packages"]):
        return None
    return _of_subjects(row, {one["subject"]: one for one in events}, seen, head["selection"]["unavailable"])


def _copies_of_list(row: Values, events: list[Event], seen: _Seen, head: Event) -> list[Values] | None:
    """The same of an entry that lists several globs: each is kept, narrowed or dropped by itself."""
    kept: list[str] = []
    others: list[Values] = []
    for subject in subjects_of(row):
        shown = [
            one for one in events if fnmatch.fnmatchcase(one["subject"], subject) or one["subject"] == subject
        ]
        copies = _copies({**row, "subject": subject}, shown, seen, head) if shown else [{}]
        if copies is None:
            return None
        for one in copies:
            if one.keys() <= {"subject"}:
                kept += subjects_of({"subject": subject, **one})
            else:
                others.append({"subject": subject, **one})
    return [*([{"subject": list(dict.fromkeys(kept))}] if kept else []), *others]


def _of_subjects(
    row: Values, outdated: Mapping[str, Event], seen: _Seen, unavailable: Iterable[str]
) -> list[Values]:
    """The entry for the subjects on which it still holds, and with another outcome where it has that now."""
    found: dict[str, Values] = {}
    for name, event in seen.subjects.items():
        if not fnmatch.fnmatchcase(name, row["subject"]):
            continue
        if name not in outdated:
            if _is_used(row, event):
                found[name] = {}
        elif (other := _other_outcome(row, outdated[name])) is not None:
            found[name] = {"outcome": other}
    found |= {name: {} for name in unavailable if fnmatch.fnmatchcase(name, row["subject"])}
    distinct = [dict(one) for one in {tuple(values.items()) for values in found.values()}]
    named = {name for name in seen.subjects if fnmatch.fnmatchcase(name, row["subject"])}
    if len(distinct) == 1 and named <= found.keys():
        return list(distinct)
    return _together({"subject": glob.escape(name), **values} for name, values in found.items())


def _other_outcome(row: Values, event: Event) -> str | None:
    """The outcome that an entry has to have on a subject now; None if it is of no use there."""
    outcome = event.get("outcome")
    if row.get("outcome") == Outcome.UNDECIDED.value or outcome in (None, Outcome.FAIL.value):
        return None
    return str(outcome)


def _is_used(row: Values, event: Event) -> bool:
    """Whether something of a subject fails, or was not tried, that an entry lists."""
    if row.get("outcome") == Outcome.UNDECIDED.value:
        return "undecided" in event
    if event["deaths"] or event["cases_skipped"] or row["rule"] == DEATH:
        return bool(event["deaths"] or event["cases_skipped"])
    rules = event["rules"].items()
    return any(one["failed"] and fnmatch.fnmatchcase(id_, row["rule"]) for id_, one in rules)


def _one_by_one(row: Values, seen: _Seen) -> Iterable[Values]:
    """What an entry that lists everything excuses, each subject and rule by its name."""
    for name, event in seen.subjects.items():
        subject = {"subject": glob.escape(name)}
        if row.get("outcome") == Outcome.UNDECIDED.value:
            if is_because_of(row, event.get("undecided", {})):
                yield subject
        elif row["rule"] == DEATH:
            cases = [one for one in seen.deaths if one["subject"] == name and is_because_of(row, one)]
            names = dict.fromkeys(one["case"] or one.get("place", "") for one in cases)
            yield from ({**subject, "cases": glob.escape(case)} for case in names if case)
        else:
            rules = event["rules"].items()
            yield from ({**subject, "rule": id_} for id_, one in rules if is_because_of(row, one))


def is_because_of(row: Values, failure: Values) -> bool:
    """Whether a failure is as expected because of that entry."""
    return bool(
        failure.get("verdict") == Verdict.AS_EXPECTED.value
        and (failure["because"], failure["link"]) == (row["reason"], row["link"])
    )


def _new_failures(seen: _Seen, levels: Iterable[str]) -> Iterable[Values]:
    """An entry, without its reason, for each failure that is news."""
    news = Verdict.NEWS.value
    levels = set(levels)
    for name, event in seen.subjects.items():
        subject = {"subject": glob.escape(name)}
        if event.get("undecided", {}).get("verdict") == news:
            yield {**subject, "rule": "*", "outcome": Outcome.UNDECIDED.value}
        ends = [one for one in seen.deaths if one["subject"] == name and one["verdict"] == news]
        places = {(one["case"] or one.get("place", ""), one["outcome"]): None for one in ends}
        for case, outcome in places:
            if case:
                yield {**subject, "rule": DEATH, "cases": glob.escape(case), "outcome": outcome}
        for id_, rule in event["rules"].items():
            if rule.get("verdict") == news and rule["level"] in levels:
                flaky = {"outcome": rule["outcome"]} if rule["outcome"] == Outcome.FLAKY.value else {}
                yield {**subject, "rule": id_, **flaky}


def _covers(subject: str, packages: Iterable[str]) -> bool:
    """Whether a record whose packages are whole has every subject that a glob may mean."""
    package = subject.partition(".")[0]
    return is_name(subject) or package in packages


def _in_words(row: Values, copies: Sequence[Values]) -> str:
    if not copies:
        return f"removed: {row['rule']} of {', '.join(subjects_of(row))}"
    return "; ".join(
        ", ".join(f"{name} {_in_a_word(value)}" for name, value in copy.items()) or "as it was"
        for copy in copies
    )


def _in_a_word(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    more = f" and {len(value) - MOST_SHOWN} more" if value[MOST_SHOWN:] else ""
    return " ".join(value[:MOST_SHOWN]) + more
