"""Who is at fault in a pair that fails: the exporter, the consumer, both, or neither by the letter of the
rules.

By counterfactuals.  The exporter is judged on exactly the words that this consumer asked of it; the
consumer is judged on our own exporter of the same memory.  Whoever breaks a rule there that has to do
with what went wrong is at fault.  Where both keep every rule and the exporter reads a contested one in
another way than our exporter, with which the consumer works, the pair fails of that difference.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen

from bufspec import _engine
from bufspec.declare import CONSUMER, EXPORTER
from bufspec.errors import BufspecError
from bufspec.isolation.job import Job
from bufspec.isolation.process import Ended
from bufspec.isolation.supervisor import Supervisor
from bufspec.pairs.blocks import PairOutcome
from bufspec.tables.rulebook import Rulebook
from bufspec.values import Finding
from bufspec.wire.journal import JournalReader
from bufspec.wire.messages import Message
from bufspec.wire.profile import DEFAULT_SEED
from bufspec.words import BINDING, DEATH

BLAMED_FOR = ((*BINDING, "contested"), (*BINDING, "contested", "recommended"))
"""The levels whose break explains a pair that fails; advice only where no binding rule does."""
FLAG_BITS = 0x3FF
"""Those of the words that are each tried; further bits are judged by cases of their own."""
WITHOUT_WORDS = ("request.word_0x11c", "request.word_0x000")
"""The cases of an exporter of which nothing was requested."""
OF_LIFETIME = ("lifetime.*", "leak.*", "mutation.*", "drop.*", "data.*")
"""The cases that show what outlasts a request."""
BEYOND_REQUESTS = ("mutation.", "drop.", "threads.")
"""How the ids of those cases begin that do more to the exporter than to ask it, or ask in several threads."""
OUTLASTING = ("lifetime.", "layout.bounds.", "field.obj.", DEATH)
"""What of an exporter's rules, once broken, may harm a process for good."""


class Fault(StrEnum):
    """Whose fault a failing pair is."""

    EXPORTER = "exporter"
    CONSUMER = "consumer"
    BOTH = "both"
    CONTESTED = "contested"
    UNEXPLAINED = "unexplained"


@frozen
class Broken:
    """A rule that one of the two breaks, or `death`, and in which case; beyond: one that the pair has no
    part in."""

    rule: str
    case: str
    level: str = "required"
    finding: Finding | None = None
    found: str = ""
    """Of a death, in words."""
    beyond: bool = False


@frozen
class Difference:
    """A contested rule that the exporter reads in another way than our exporter."""

    rule: str
    exporter: str
    ours: str


@frozen
class Blame:
    """The verdict on a failing pair, with what it rests on.

    `words` are those that the consumer asked, `kind` is what advice must know of the exporter's type.
    """

    fault: Fault
    exporter: tuple[Broken, ...] = ()
    consumer: tuple[Broken, ...] = ()
    readings: tuple[Difference, ...] = ()
    words: tuple[int, ...] = ()
    kind: str = ""

    @property
    def broken(self) -> Broken | None:
        """The first broken rule that the verdict names."""
        return next(iter((*self.exporter, *self.consumer)), None)

    @property
    def rule(self) -> str:
        """The first rule that the verdict names; empty for none."""
        if self.broken:
            return self.broken.rule
        return self.readings[0].rule if self.readings else ""

    @property
    def text(self) -> str:
        """The verdict in words."""
        match self.fault:
            case Fault.EXPORTER:
                return f"exporter at fault, rule {self.exporter[0].rule}"
            case Fault.CONSUMER:
                return f"consumer at fault, rule {self.consumer[0].rule}"
            case Fault.BOTH:
                rules = f"{self.exporter[0].rule} and {self.consumer[0].rule}"
                return f"both at fault, rules {rules}"
            case Fault.CONTESTED:
                readings = "; ".join(f"{one.rule}: {one.exporter}, not {one.ours}" for one in self.readings)
                return f"ambiguous rule, interpretations differ ({readings})"
        return "unexplained: no broken rule of either side explains it"


_HELD = (
    "lifetime.chain.",
    "lifetime.export.counter",
    "lifetime.export.lock_ends",
    "lifetime.export.movable_needs_release",
    "error.refusal.nothing_kept",
    "field.obj.",
    "error.obj.",
)
_KEPT = ("lifetime.release.", *_HELD)
"""What makes an exporter keep something; that its memory, or its arrays, do not live long enough does not."""
_MEANING = ("request.", "field.", "layout.", "format.", "error.", "flag.", "lifetime.export.")
_OF_REFERENCES = tuple(
    f"lifetime.release.{name}"
    for name in ("references_restored", "once_per_acquire", "through_copy", "obj_kept", "slot_optional")
)
"""Those of its releases that are about references; memory that it loses keeps none."""
_EXPORTER_RULES: dict[str, tuple[str, ...]] = {
    "data": _MEANING,
    "filled": _MEANING,
    "refused": ("request.", "error.", "flag.", "format."),
    "written": ("request.writable.", "field.readonly.", "lifetime.export.", "field.buf.", "field.strides."),
    "references": (*_OF_REFERENCES, *_HELD),
    "lock": _KEPT,
    "drift": _KEPT,
    "stale": ("lifetime.", "field.obj.", "error.obj."),
    "system_error": ("error.",),
    DEATH: ("",),
}
_EXPORTER_RULES_AT_WORST = {
    kind: (*rules, "lifetime.") if kind in ("references", "lock", "drift") else rules
    for kind, rules in _EXPORTER_RULES.items()
}
"""What may explain a symptom that nothing else does."""
_RELEASED = (
    "consumer.release.",
    "consumer.hold.",
    "consumer.struct.",
    "argument.release.",
    "argument.borrowed.",
)
_READ = (
    "consumer.data.",
    "consumer.dimensions.",
    "consumer.hold.",
    "consumer.error.",
    "consumer.fill.",
    "consumer.write.",
    "consumer.struct.",
)
_CONSUMER_RULES: dict[str, tuple[str, ...]] = {
    "data": _READ,
    "filled": _READ,
    "refused": ("consumer.capability.", "consumer.error.", "consumer.dimensions."),
    "written": ("consumer.write.", "consumer.struct.", "consumer.fill."),
    "references": _RELEASED,
    "lock": _RELEASED,
    "drift": _RELEASED,
    "stale": ("consumer.hold.", "consumer.release.", "consumer.data."),
    "system_error": ("consumer.error.",),
    DEATH: ("",),
}
_LASTING = {"references", "lock", "drift", "stale", DEATH}
"""Symptoms of what outlasts a request: more cases of the exporter have to do with them."""

BEHAVIOURS: tuple[tuple[str, ...], ...] = (
    (),
    ("ends_at_page", "own_arrays"),
    ("begins_at_page",),
    ("fresh_block", "poisoned", "own_arrays"),
)
"""Of our exporter, one after the other: plain, between pages that cannot be read, and poisoned when
released."""
OF_NULL: tuple[tuple[str, ...], ...] = (("null_if_empty",), ("null_if_empty", "own_arrays", "poisoned"))
"""Of our exporter before these, where the memory of the pair's has no address."""


@define
class Attribution:
    """Finds out who is at fault; asks a supervisor's workers, and keeps what it learnt about either."""

    rulebook: Rulebook
    tables: str
    work: Path
    timeout: float
    files: Mapping[str, tuple[str, ...]] = field(factory=dict)
    """Of each subject those of one's own that a worker has to load for it."""
    _exporters: dict[Any, list[Broken]] = field(factory=dict)
    _consumers: dict[Any, list[Broken]] = field(factory=dict)
    _count: int = 0

    async def blame(
        self,
        supervisor: Supervisor,
        exporter: str,
        consumer: str,
        outcome: PairOutcome,
        damage: Broken | None = None,
    ) -> Blame:
        """The verdict on a pair that failed; `damage` is the consumer's break that made the process die
        later."""
        if damage is not None:
            return Blame(Fault.CONSUMER, consumer=(_beyond(damage),))
        kinds = [symptom["kind"] for symptom in outcome.symptoms]
        traced = await self._traced(supervisor, exporter, consumer)
        words = tuple(dict.fromkeys(traced["words"]))
        lasting = bool(_LASTING & set(kinds))
        accused = await self.exporter_on(supervisor, exporter, words, lasting=lasting)
        seen = await self.consumer_on(supervisor, consumer, traced["layout"], is_null=traced["is_null"])
        misleads = traced["misleads"]
        if outcome.alone is not None:  # it survives alone: only what lasts explains it
            accused = [one for one in accused if one.rule.startswith(OUTLASTING)]
            seen = []
        verdict = _decide(kinds, accused, seen, words, misleads=misleads)
        if verdict is None and outcome.alone is None:
            accused = [_beyond(one) for one in await self.exporter_on(supervisor, exporter, None)]
            seen = [_beyond(one) for one in await self.consumer_on(supervisor, consumer, None)]
            verdict = _decide(kinds, accused, seen, words, misleads=misleads)
        if verdict is None:
            readings = await self._differences(supervisor, exporter, words, traced["layout"])
            verdict = Blame(
                Fault.CONTESTED if readings else Fault.UNEXPLAINED, readings=readings, words=words
            )
        return evolve(verdict, kind=traced["kind"])

    async def exporter_on(
        self, supervisor: Supervisor, exporter: str, words: tuple[int, ...] | None, *, lasting: bool = False
    ) -> list[Broken]:
        """The rules that the exporter breaks on these words (None: in any case)."""
        key = exporter, words, lasting
        if key not in self._exporters:
            run = await supervisor.judge(self._job(exporter, EXPORTER, words, lasting=lasting))
            self._exporters[key] = [
                *(_died_of(one.case or "", one.found) for one in run.deaths),
                *self._broken(run.failures),
            ]
        return self._exporters[key]

    async def consumer_on(
        self, supervisor: Supervisor, consumer: str, layout: Message | None, *, is_null: bool = False
    ) -> list[Broken]:
        """The rules that the consumer breaks on our exporter of this memory (None: in any case)."""
        key = consumer, repr(layout), is_null
        if key in self._consumers:
            return self._consumers[key]
        broken: list[Broken] = []
        if layout is None:
            run = await supervisor.judge(self._job(consumer, CONSUMER))
            broken = [
                *(Broken(DEATH, one.case or "", found=one.found) for one in run.deaths),
                *self._broken(run.failures),
            ]
        else:
            for behaviours in (*(OF_NULL if is_null else ()), *BEHAVIOURS):
                broken += await self._on_our_exporter(supervisor, consumer, layout, behaviours)
                if any(one.rule == DEATH for one in broken):
                    break  # which costs a process each, and is enough
        self._consumers[key] = list({one.rule: one for one in reversed(broken)}.values())[::-1]
        return self._consumers[key]

    async def _on_our_exporter(
        self, supervisor: Supervisor, consumer: str, layout: Message, behaviours: Sequence[str]
    ) -> list[Broken]:
        try:
            scenario = _engine.consumer_scenario(layout, behaviours)
        except ValueError:
            return []  # our exporter makes no such memory
        case = f"scenario:{scenario.hex()}"
        request = {
            "do": "trace",
            "subject": consumer,
            "files": self._files(consumer),
            "tables": self.tables,
            "scenario": scenario.hex(),
            "operations": [],
        }
        try:
            await self._ready(supervisor, consumer)
            answer = await supervisor.ask(request, seconds=self.timeout)
        except Ended as end:
            place = {"case_id": case, "case_index": 0, "step": 0}
            death = end.as_death(place)
            return [Broken(DEATH, case, found=death.found)]
        except BufspecError:
            return []
        return self._broken({**one, "case": case} for one in answer["trace"]["violations"])

    async def _traced(self, supervisor: Supervisor, exporter: str, consumer: str) -> Message:
        """The words that the consumer asks of the exporter, and the memory's layout."""
        journal = self._file("jsonl")
        reader = JournalReader(journal)
        request = {
            "do": "pair_trace",
            "exporter": exporter,
            "consumer": consumer,
            "journal": str(journal),
            "files": self._files(exporter, consumer),
        }
        with suppress(Ended, BufspecError):  # what was asked until then is in the journal
            await self._ready(supervisor, exporter)
            await self._ready(supervisor, consumer)
            answer = await supervisor.ask(request, seconds=self.timeout)
            if answer["worn"]:
                await supervisor.start_afresh()  # what is judged next has not been written to
        entries = reader.entries_that_fit()
        reader.close()
        seen: Message = next((one for one in entries if "memory" in one), {"memory": None, "kind": ""})
        memory = seen["memory"]
        ended = next((one["traced"] for one in entries if "traced" in one), None)
        return {
            "misleads": bool(ended is None or ended.get("misleading")),
            "words": [one["request"] for one in entries if "request" in one],
            "layout": memory.get("layout") if memory else None,
            "is_null": bool(memory and memory.get("is_null")),
            "kind": seen["kind"],
        }

    async def _ready(self, supervisor: Supervisor, subject: str) -> None:
        """Have a worker that knows the subject: to start one takes time that is not the subject's."""
        await supervisor.ask({"do": "resolve", "subject": subject, "files": self._files(subject)})

    async def _differences(
        self, supervisor: Supervisor, exporter: str, words: tuple[int, ...], layout: Message | None
    ) -> tuple[Difference, ...]:
        if layout is None:
            return ()
        ours = f"bufspec._engine:InstrumentedExporter({layout!r})"
        read: list[dict[str, str]] = []
        for subject in (exporter, ours):
            run = await supervisor.judge(self._job(subject, EXPORTER, words))
            followed = {
                rule: "+".join(name for name, count in (one.get("readings") or {}).items() if count)
                for rule, one in run.totals.get("rules", {}).items()
            }
            read.append({rule: names for rule, names in followed.items() if names})
        theirs, own = read
        return tuple(
            Difference(rule, names, own[rule])
            for rule, names in theirs.items()
            if rule in own and own[rule] != names
        )

    def _broken(self, failures: Iterable[Message]) -> list[Broken]:
        first: dict[str, Broken] = {}
        for one in failures:
            rule = self.rulebook.rules.get(one["rule"])
            if rule is not None:
                case = one.get("case", "")
                broken = Broken(rule.id, case, rule.level, one["finding"])
                first.setdefault(rule.id, broken)
        return list(first.values())

    def _job(
        self, subject: str, target: str, words: tuple[int, ...] | None = None, *, lasting: bool = False
    ) -> Job:
        """The cases that make these requests (None: all), and for what lasts those of its lifetime."""
        patterns: tuple[str, ...] = ()
        if words is not None:
            patterns = (*(() if words else WITHOUT_WORDS), *(OF_LIFETIME if lasting else ()))
        return Job(
            subject=subject,
            tables=self.tables,
            ledger=str(self._file("ledger")),
            journal=str(self._file("jsonl")),
            edition=self.rulebook.edition,
            rules=None,
            seed=DEFAULT_SEED,
            target=target,
            timeout=self.timeout,
            case_patterns=patterns,
            words=tuple(dict.fromkeys(word & FLAG_BITS for word in words or ())),
            files=tuple(self._files(subject)),
        )

    def _files(self, *subjects: str) -> list[str]:
        return list(dict.fromkeys(file for one in subjects for file in self.files.get(one, ())))

    def _file(self, ending: str) -> Path:
        self._count += 1
        return self.work / f"blame{self._count:06}.{ending}"


def _beyond(broken: Broken) -> Broken:
    return evolve(broken, beyond=True)


def _died_of(case: str, found: str) -> Broken:
    """A death of the exporter; one of more than requests is beyond the pair."""
    return Broken(DEATH, case, found=found, beyond=case.startswith(BEYOND_REQUESTS))


def _decide(
    kinds: list[str],
    accused: list[Broken],
    seen: list[Broken],
    words: tuple[int, ...],
    *,
    misleads: bool,
) -> Blame | None:
    """The verdict that broken rules come to; None if none has to do with the symptoms.

    A consumer that fails on our exporter too explains what is wrong with the data.  Then the exporter
    shares the fault only if its answers mislead: whoever takes them for true sees other elements than
    there are.  One that dies with our exporter of the same memory needs no exporter that errs.
    """
    dies_with_ours = any(one.rule == DEATH and not one.beyond for one in seen)
    for rules, levels in itertools.product((_EXPORTER_RULES, _EXPORTER_RULES_AT_WORST), BLAMED_FOR):
        exporter = _relevant(accused, kinds, rules, levels)
        consumer = _relevant(seen, kinds, _CONSUMER_RULES, levels)
        is_explained = dies_with_ours if kinds == [DEATH] else not misleads
        if exporter and consumer and is_explained and not _LASTING & set(kinds) - {DEATH}:
            exporter = []
        if exporter or consumer:
            fault = Fault.BOTH if exporter and consumer else Fault.EXPORTER if exporter else Fault.CONSUMER
            return Blame(fault, tuple(exporter), tuple(consumer), (), words)
    return None


def _relevant(
    broken: list[Broken], kinds: list[str], explains: dict[str, tuple[str, ...]], levels: tuple[str, ...]
) -> list[Broken]:
    """The broken rules that explain a symptom, those of the first symptom first.

    A death explains any, but one that the pair has no part in explains deaths alone.
    """
    found: dict[str, Broken] = {}
    for kind in kinds:
        for one in broken:
            is_explained = (
                kind == DEATH or not one.beyond if one.rule == DEATH else one.rule.startswith(explains[kind])
            )
            if one.level in levels and is_explained:
                found.setdefault(one.rule, one)
    return list(found.values())


__all__ = ["BEHAVIOURS", "Attribution", "Blame", "Broken", "Difference", "Fault"]
