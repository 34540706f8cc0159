"""Whether every request has exactly one answer.

Asks the request tables every flag word of the low ten bits, for every layout class, writable and read-
only, in each edition.  A field without an answer and a row that never decides anything (everything it
covers is decided by rows above it) are gaps.  Says nothing about whether an answer is right: the oracle
suite does.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import asdict, field, frozen
from rich.console import Console

from bufspec.spec.grid import grid
from bufspec.spec.problems import JSON
from bufspec.spec.requests import ANSWERS, CONTESTED, KINDS, MUST_REFUSE, Answer, RequestTable, Rows
from bufspec.spec.rows import LayoutClass
from bufspec.spec.tables import REQUEST_LISTS, Spec

WORDS = 1024


@frozen
class Gap:
    """A hole or an overlap: the list and the row it stands at, why, and one request that shows it."""

    rows: str
    index: int
    message: str
    example: str = ""


@frozen
class Totality:
    """What was asked and how it was answered."""

    checked: int
    words: int
    classes: int
    editions: int
    answers: dict[str, dict[str, int]]
    gaps: list[Gap] = field(factory=list)

    @property
    def complete(self) -> bool:
        """Whether every request had exactly one answer."""
        return not self.gaps

    def to_json(self) -> JSON:
        """The result as plain values."""
        return {"complete": self.complete, **asdict(self)}

    def render(self, console: Console) -> None:
        """Print the counts and the gaps."""
        table = grid("one answer for every request")
        for heading in ("edition", *KINDS):
            table.add_column(heading, justify="left" if heading == "edition" else "right")
        for edition, counts in self.answers.items():
            table.add_row(edition, *(f"{counts[kind]:,}" for kind in KINDS))
        console.print(table)
        console.print(
            f"checked {self.checked:,} requests: {self.words:,} flag words x {self.classes} layout classes"
            f" x writable and read-only x {self.editions} editions"
        )
        for gap in self.gaps:
            console.print(f"{gap.rows}[{gap.index}]: {gap.message} {gap.example}", markup=False)


@frozen
class Asked:
    """One request: a word to a memory in an edition, with its answer."""

    word: int
    memory: LayoutClass
    readonly: bool
    edition: str
    answer: Answer

    def __str__(self) -> str:
        access = "read-only" if self.readonly else "writable"
        return f"{self.word:#05x} to {access} {self.memory.name} memory, edition {self.edition}"


def enumerate_answers(spec: Spec) -> Iterator[Asked]:
    """Every request within the bound, with its answer."""
    table = RequestTable(spec)
    for edition, memory, readonly, rows in _memories(spec, table):
        for word in range(WORDS):
            yield Asked(word, memory, readonly, edition, table.answer(word, rows))


def _memories(spec: Spec, table: RequestTable) -> Iterator[tuple[str, LayoutClass, bool, Rows]]:
    for edition in spec.editions:
        for memory in spec.classes:
            for readonly in (False, True):
                yield (
                    edition.name,
                    memory,
                    readonly,
                    table.rows(memory.facts(readonly=readonly), edition.name),
                )


def totality(spec: Spec) -> Totality:
    """The enumeration and the gaps it found.  About a second."""
    table = RequestTable(spec)
    counts = {edition.name: dict.fromkeys(KINDS, 0) for edition in spec.editions}
    decisive: dict[str, set[int]] = {name: set() for name in REQUEST_LISTS}
    missing: dict[tuple[str, str], str] = {}
    checked = 0
    for edition, memory, readonly, rows in _memories(spec, table):
        stated = {row.field for row in spec.requests.answers if not row.editions or edition in row.editions}
        for word in range(WORDS):
            answer = table.answer(word, rows)
            checked += 1
            counts[edition][answer.kind] += 1
            _note_decisive(table, word, rows, answer, decisive)
            for name in _missing_fields(answer, stated):
                missing.setdefault((edition, name), str(Asked(word, memory, readonly, edition, answer)))
    gaps = [_missing_gap(spec, name, edition, example) for (edition, name), example in missing.items()]
    gaps += _dead_rows(spec, decisive)
    gaps += _overlaps(spec)
    return Totality(checked, WORDS, len(spec.classes), len(spec.editions), counts, gaps)


def _missing_fields(answer: Answer, stated: set[str | None]) -> list[str]:
    """Fields the edition speaks of but this answer does not; where it is contested a reading may decide."""
    if answer.kind != ANSWERS:
        return []
    return sorted(name for name in stated if name and name not in answer.fields)


def _missing_gap(spec: Spec, name: str, edition: str, example: str) -> Gap:
    index = max(index for index, row in enumerate(spec.requests.answers) if row.field == name)
    return Gap("answers", index, f"no answer for {name} in edition {edition}:", example)


def _note_decisive(
    table: RequestTable, word: int, rows: Rows, answer: Answer, decisive: dict[str, set[int]]
) -> None:
    """Remember which rows decided: the first that applies, or all of them where they agree to refuse."""
    for index, row in rows.reserved:
        if table.applies(row, word):
            decisive["reserved"].add(index)
            return
    if answer.kind == MUST_REFUSE:
        decisive["refusals"].update(index for index, row in rows.refusals if table.applies(row, word))
        return
    if answer.kind == CONTESTED:
        decisive["contested"].update(
            index for index, row in rows.contested if row.rule in answer.rules and table.applies(row, word)
        )
    taken = set()
    for index, row in rows.answers:
        if row.field not in taken and table.applies(row, word):
            taken.add(row.field)
            decisive["answers"].add(index)


def _dead_rows(spec: Spec, decisive: dict[str, set[int]]) -> Iterator[Gap]:
    for name in REQUEST_LISTS:
        for index, row in enumerate(getattr(spec.requests, name)):
            if index not in decisive[name]:
                message = (
                    f"the row of {row.rule} never decides anything: rows above it overlap it, or nothing fits"
                )
                yield Gap(name, index, message)


def _overlaps(spec: Spec) -> Iterator[Gap]:
    """Two rows of one list with the same condition in one edition give two answers."""
    for name in REQUEST_LISTS[:3]:
        seen: dict[tuple[object, ...], str] = {}
        for index, row in enumerate(getattr(spec.requests, name)):
            facts = tuple(sorted(row.memory.items()))
            for edition in row.editions or tuple(one.name for one in spec.editions):
                for word in row.words or (None,):
                    words = (word, row.asks, row.lacks, row.stray_bits, row.both_orders)
                    same = (edition, *words, facts, row.needs_contiguity)
                    if same in seen:
                        yield Gap(name, index, f"overlaps the row of {seen[same]} in edition {edition}")
                    seen.setdefault(same, row.rule)
