"""The pairs whose culprit is known (spec/pairs.yaml), and whether each is named right.

An exporter or a consumer of the mutants' tables that breaks one rule meets one that breaks none, or
another that does.  A verdict is right if it names the fault, and one of the rules where the row names them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import cattrs
from attrs import define, field, frozen

from bufspec import _engine
from bufspec.errors import TablesError
from bufspec.pairs.blame import Attribution, Blame, Fault
from bufspec.pairs.blocks import Block, PairSupervisor
from bufspec.run.workspace import TABLES_FILE, load_engine
from bufspec.tables.files import spec_directory, tree_from
from bufspec.tables.rulebook import load_rulebook
from bufspec.words import CURRENT, MUTANTS

FILE = "pairs.yaml"
WORKS = "works"
"""Stands in place of a fault for a pair that has to work, or to be refused."""


@frozen
class KnownPair:
    """A row: ids of the mutants' tables, whose fault it is, and the rules of which one has to be named."""

    exporter: str
    consumer: str
    fault: str
    rules: tuple[str, ...] = ()
    note: str = ""

    @property
    def says(self) -> str:
        """What is known, in words."""
        rules = f", rule {' or '.join(self.rules)}" if self.rules else ""
        return f"{self.fault}{rules}"


@frozen
class Judged:
    """A known pair and the verdict on it; no blame where it works."""

    pair: KnownPair
    outcome: str
    blame: Blame | None

    @property
    def said(self) -> str:
        """The verdict in words."""
        return self.blame.text if self.blame else f"the pair works ({self.outcome})"

    @property
    def right(self) -> bool:
        """Whether fault and rule are those that are known."""
        if self.blame is None:
            return self.pair.fault == WORKS
        named = {one.rule for one in (*self.blame.exporter, *self.blame.consumer)}
        named |= {one.rule for one in self.blame.readings}
        rules = set(self.pair.rules)
        return self.pair.fault == self.blame.fault.value and (not rules or bool(rules & named))


@define
class KnownScore:
    """All verdicts, in the order of the rows."""

    judged: list[Judged] = field(factory=list)

    @property
    def wrong(self) -> list[Judged]:
        """The pairs that were named wrongly."""
        return [one for one in self.judged if not one.right]

    @property
    def good(self) -> bool:
        """Whether every pair was named right, and there was one."""
        return bool(self.judged) and not self.wrong

    def to_json(self) -> dict[str, Any]:
        """The score as plain values."""
        return {
            "good": self.good,
            "pairs": len(self.judged),
            "right": len(self.judged) - len(self.wrong),
            "wrong": [
                {
                    "exporter": one.pair.exporter,
                    "consumer": one.pair.consumer,
                    "known": one.pair.says,
                    "said": one.said,
                }
                for one in self.wrong
            ],
            "faults": {
                fault.value: sum(one.pair.fault == fault.value for one in self.judged) for fault in Fault
            },
        }


def load_known(directory: Path | None = None) -> list[KnownPair]:
    """The rows of pairs.yaml; raises TablesError for a file that cannot be read."""
    file = (directory or spec_directory()) / FILE
    try:
        tree = tree_from(file)
        return cattrs.Converter(forbid_extra_keys=True).structure(tree["pairs"], list[KnownPair])
    except (KeyError, TypeError, ValueError, cattrs.BaseValidationError) as error:
        raise TablesError(
            f"the table of pairs cannot be read: {type(error).__name__}",
            where=FILE,
            hint="a row has exporter, consumer, fault, and, if known, rules",
        ) from error


async def judge_known(
    work: Path, *, jobs: int, timeout: float, pairs: list[KnownPair] | None = None
) -> KnownScore:
    """Try the known pairs (None: all of the table), and ask who is at fault in each that fails."""
    known = load_known() if pairs is None else pairs
    rulebook = load_rulebook(CURRENT, _engine.rule_ids())
    load_engine(rulebook, work)
    attribution = Attribution(rulebook, str(work / TABLES_FILE), work, timeout)
    judged: dict[int, Judged] = {}
    waiting = iter(enumerate(known))

    async def take(number: int) -> None:
        async with PairSupervisor(work / f"known{number}.log") as supervisor:
            for index, pair in waiting:
                exporter, consumer = subject_names(pair)
                journal = str(work / f"{index:04}.known.jsonl")
                run = await supervisor.try_block(Block(exporter, (consumer,), journal, timeout))
                outcome = run.outcomes[0]
                blame = None
                if outcome.failed:
                    blame = await attribution.blame(supervisor, exporter, consumer, outcome)
                judged[index] = Judged(pair, outcome.outcome, blame)

    async with anyio.create_task_group() as group:
        for number in range(min(jobs, len(known))):
            group.start_soon(take, number)
    return KnownScore([judged[index] for index in sorted(judged)])


def subject_names(pair: KnownPair) -> tuple[str, str]:
    """The subjects of a row: ids are those of mutants, a name with a point or a colon is a subject's own."""
    exporter, consumer = pair.exporter, pair.consumer
    return (
        exporter if set(exporter) & set(".:") else f"{MUTANTS}.{exporter}",
        consumer if set(consumer) & set(".:") else f"{MUTANTS}.consumer_{consumer}",
    )
