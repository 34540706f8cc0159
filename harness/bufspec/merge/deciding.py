"""What decides on the whole of a plan that was judged in shards: its rules, its expectations, its blocks.

The code is that of a run; what it needs of the plan is what the shards were asked.  Nothing of a record is
evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cattrs
from attrs import define, evolve

from bufspec import _engine
from bufspec.errors import BufspecError, text_of
from bufspec.files.json_text import DAMAGED
from bufspec.files.problem import Problem, Refused
from bufspec.isolation.job import SubjectRun
from bufspec.merge.pieces import Gathered, Piece
from bufspec.reports.wording.sentences import in_words
from bufspec.run.check import events_of, outdated_event, upkeep_of, verdicts_of
from bufspec.run.expectations.entry import Expectation, Expectations, UsedFile
from bufspec.run.expectations.fixing import Fixing
from bufspec.run.expectations.outdated import Outdated, Upkeep, Use
from bufspec.run.kept import run_from_plain
from bufspec.run.packages import Package, package_of
from bufspec.run.plan import Options, Plan
from bufspec.run.record import (
    EVENT_NAMES,
    CaseFailed,
    ExpectationOutdated,
    json_from_event,
    names_code,
    signed_event,
)
from bufspec.run.recorded import refuse_misfit
from bufspec.run.selection import Listed
from bufspec.run.signature import is_signed
from bufspec.run.units import Unit
from bufspec.tables.rulebook import load_rulebook
from bufspec.wire.profile import Profile

FAILED, OUTDATED = EVENT_NAMES[CaseFailed], EVENT_NAMES[ExpectationOutdated]
Event = dict[str, Any]


@define
class Decider:
    """The plan of shards, as far as it decides on the whole, and what is known of its expectations so far."""

    plan: Plan
    fixing: Fixing
    upkeep: Upkeep
    name: str
    """The record that says what the shards were asked."""

    @staticmethod
    def of(found: Gathered, out: str) -> Decider | None:
        """Of these records, whose whole is written to `out`; None where no shard leaves anything open."""
        if found.asked is None:
            return None
        name = str(found.files[0])
        try:
            plan = _plan(found.heads[0], found.asked, name)
            upkeep = upkeep_of(plan)
            for foot in found.feet:
                for one in foot.get("uses", ()):
                    seen = {key: value for key, value in one.items() if key != "entry"}
                    upkeep.add_use(_CONVERTER.structure(one["entry"], Expectation), Use(**seen))
        except BufspecError:
            raise
        except Exception as error:  # whatever values of another form make of the code that decides
            raise _refused(name, 1, f"asked is of no plan: {text_of(error)}") from error
        return Decider(plan, Fixing(record=out), upkeep, name)

    def fix(self, outdated: Outdated) -> str | None:
        """The command that fixes the file of an entry."""
        return self.fixing.command(self.plan, outdated.entry)

    def fixed(self, event: Event) -> Event:
        """An event of a shard with the command that fixes the file, which only the whole can name."""
        if event["event"] != OUTDATED:
            return event
        entry = next((one for one in self.plan.expectations.entries if one.where == event["where"]), None)
        command = entry and self.fixing.command(self.plan, entry)
        return {**event, "fix": command} if command else event

    def whole(self, shards: Sequence[tuple[Piece, Path, list[Event]]]) -> list[Event]:
        """The events of a subject of which each of these records has some blocks, as one run gives them."""
        piece, file, events = shards[0]
        name = str(file)
        try:
            repeats: list[dict[Unit, SubjectRun]] = [{} for _ in range(self.plan.options.repeat)]
            for piece, file, events in shards:
                name = str(file)
                for block, runs in events[-1]["part"]["runs"].items():
                    unit = Unit(0, int(block), piece.of)
                    for known, plain in zip(repeats, runs, strict=True):
                        known[unit] = run_from_plain(plain, events[-1]["subject"])
            ordered = [dict(sorted(one.items(), key=lambda pair: pair[0].block)) for one in repeats]
            last = events[-1]
            subject = Listed(last["subject"], last["target"], file=last["part"]["file"])
            found = verdicts_of(self._plan_of(subject), subject, ordered)
            found = evolve(found, finished=evolve(found.finished, where=_where(shards)))
            if found.finished.part is None:
                self.upkeep.add(found.judged)
            every = [in_words(json_from_event(one)) for one in events_of(found, self.fix)]
        except BufspecError:
            raise
        except Exception as error:  # as above
            message = f"part is not what a subject came to: {text_of(error)}"
            raise _refused(name, piece.last, message) from error
        for event in every:
            refuse_misfit(event, name, piece.last)
        signed = {_key(one) for _, _, events in shards for one in events if _is_ours(one)}
        return [signed_event(one) if _key(one) in signed else one for one in every]

    def of_the_run(self) -> Iterable[Event]:
        """The entries that are of no use to the whole run."""
        for one in self.upkeep.outdated(self.plan.rulebook.ids_of_edition):
            yield in_words(json_from_event(outdated_event(one, self.fix(one))))

    def _plan_of(self, subject: Listed) -> Plan:
        options = self.plan.options
        cases = Profile().cases(subject.target, options.edition, options.seed, options.bound)
        return evolve(self.plan, cases={subject.target: cases})


def _where(shards: Sequence[tuple[Piece, Path, list[Event]]]) -> str | None:
    """Where the subject is declared, on the machine that has its first block."""
    _, _, events = min(shards, key=lambda one: one[0].blocks)
    where: str | None = events[-1].get("where")
    return where


def _refused(name: str, line: int, message: str) -> Refused:
    return Refused(Problem(name, line, 1, message, DAMAGED))


def _key(event: Event) -> tuple[object, ...]:
    return tuple(event.get(one) for one in ("event", "subject", "rule", "case", "replay"))


def _is_ours(event: Event) -> bool:
    """Whether to replay it runs code that this user's own run has named."""
    return event["event"] == FAILED and names_code(event) and is_signed(FAILED, event)


def _plan(head: Event, asked: Mapping[str, Any], name: str) -> Plan:
    every = load_rulebook(head["edition"], _engine.rule_ids())
    if every.digest != head["tables"]:
        message = "the record is of other tables than those of this bufspec"
        hint = f"merge with bufspec {head['versions']['bufspec']}"
        raise Refused(Problem(name, 1, 1, message, hint))
    _engine.load_tables(every.trees)
    options = Options(
        edition=head["edition"],
        seed=head["seed"],
        repeat=head.get("repeat", 1),
        rules=tuple(asked["rules"]),
        exclude=tuple(asked["exclude"]),
        case_patterns=tuple(asked["case_patterns"]),
        discover=asked["discover"],
        fail_fast=asked["fail_fast"],
        files=tuple(asked["files"]),
        expectations=tuple(asked["expectations"]),
        expects_known=asked["expects_known"],
        rules_of=asked.get("rules_of", ""),
        python=asked.get("python", ""),
    )
    entries = tuple(_CONVERTER.structure(one, Expectation) for one in asked["entries"])
    files = tuple(_CONVERTER.structure(one, UsedFile) for one in head.get("expectations", ()))
    selection = head.get("selection", {"packages": [], "unavailable": []})
    subjects = tuple(Listed(one, "") for one in head["subjects"])
    return Plan(
        options=options,
        rulebook=every.matching(options.rules, options.exclude),
        subjects=subjects,
        cases={},
        expectations=Expectations(entries, files),
        packages=tuple(
            Package(
                one,
                frozenset(each.name for each in subjects if package_of(each.name) == one),
                tuple(each for each in selection["unavailable"] if package_of(each) == one),
            )
            for one in selection["packages"]
        ),
    )


_CONVERTER = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)
