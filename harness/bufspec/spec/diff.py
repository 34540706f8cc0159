"""How two editions of the protocol differ.

Compares the rules that hold, what the rules say is different, and the answers to every request within the
bound of the totality proof.  Pure: takes a spec, returns values.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import asdict, define, field, frozen
from rich.console import Console

from bufspec.files.problem import Problem
from bufspec.spec.grid import grid
from bufspec.spec.problems import JSON, TableError
from bufspec.spec.requests import ANSWERS, CONTESTED, Answer, FieldAnswer, RequestTable
from bufspec.spec.tables import Spec
from bufspec.spec.totality import WORDS

MAX_EXAMPLES = 3


@frozen
class RuleDifference:
    """What one edition says instead of a rule, with the difference's id."""

    rule: str
    id: str
    edition: str
    level_there: str
    level: str
    statement: str


@define
class RowDifference:
    """A request row that decides in one edition only: how many answers change with it, and some of them."""

    rule: str
    edition: str
    count: int = 0
    examples: list[str] = field(factory=list)


@frozen
class Diff:
    """Everything that differs between the editions `left` and `right`."""

    left: str
    right: str
    only_left: tuple[str, ...]
    only_right: tuple[str, ...]
    rules: tuple[RuleDifference, ...]
    compared: int
    answers_differing: int
    rows: tuple[RowDifference, ...]

    def to_json(self) -> JSON:
        """The difference as plain values."""
        return asdict(self)

    def render(self, console: Console) -> None:
        """Print what differs, rules first."""
        for edition, rules in ((self.left, self.only_left), (self.right, self.only_right)):
            table = grid(f"{len(rules)} rules only in {edition}")
            table.add_column("rule", overflow="fold")
            for rule in rules:
                table.add_row(rule)
            console.print(table)
        said = grid(f"{len(self.rules)} differing statements")
        for heading in ("id", "rule", "edition", "level there", "what it says"):
            said.add_column(heading, overflow="fold")
        for one in self.rules:
            said.add_row(one.id, one.rule, one.edition, one.level_there, one.statement)
        console.print(said)
        rows = grid(f"{self.answers_differing:,} of {self.compared:,} request answers differ")
        for heading in ("row", "only in", "answers", "for example"):
            rows.add_column(heading, overflow="fold")
        for row in self.rows:
            rows.add_row(row.rule, row.edition, f"{row.count:,}", "\n".join(row.examples))
        console.print(rows)


def diff(spec: Spec, left: str = "2010", right: str = "current") -> Diff:
    """The difference between two editions by name; TableError if there is none.  About a second."""
    names = [edition.name for edition in spec.editions]
    for name in (left, right):
        if name not in names:
            problem = Problem(
                "editions.yaml", 1, 1, f'unknown edition "{name}"', f"known: {', '.join(names)}"
            )
            raise TableError(spec.directory, [problem])
    compared, differing, rows = _answers(spec, left, right)
    return Diff(
        left,
        right,
        tuple(rule.id for rule in spec.rules if left in rule.editions and right not in rule.editions),
        tuple(rule.id for rule in spec.rules if right in rule.editions and left not in rule.editions),
        _statements(spec, {left, right}),
        compared,
        differing,
        rows,
    )


def _statements(spec: Spec, editions: set[str]) -> tuple[RuleDifference, ...]:
    found = [
        RuleDifference(rule.id, one.id, one.edition, one.level, rule.level, one.statement)
        for rule in spec.rules
        for one in rule.differences
        if one.edition in editions
    ]
    return tuple(sorted(found, key=lambda one: (int(one.id.partition("-")[2]), one.rule)))


def _answers(spec: Spec, left: str, right: str) -> tuple[int, int, tuple[RowDifference, ...]]:
    table = RequestTable(spec)
    rows: dict[tuple[str, str], RowDifference] = {}
    compared = differing = 0
    for memory in spec.classes:
        for readonly in (False, True):
            facts = memory.facts(readonly=readonly)
            left_rows, right_rows = table.rows(facts, left), table.rows(facts, right)
            for word in range(WORDS):
                compared += 1
                answers = ((left, table.answer(word, left_rows)), (right, table.answer(word, right_rows)))
                found = dict(_deciding(*answers))
                if not found:
                    continue
                differing += 1
                access = "read-only" if readonly else "writable"
                for (rule, edition), what in found.items():
                    row = rows.setdefault((rule, edition), RowDifference(rule, edition))
                    row.count += 1
                    if len(row.examples) < MAX_EXAMPLES:
                        row.examples.append(f"{word:#05x} to {access} {memory.name}: {what}")
    return compared, differing, tuple(rows[key] for key in sorted(rows))


def _deciding(left: tuple[str, Answer], right: tuple[str, Answer]) -> Iterator[tuple[tuple[str, str], str]]:
    """What makes two answers differ: ((rule, edition in which it decides), what each edition has)."""
    (left_name, left_answer), (right_name, right_answer) = left, right
    if left_answer.kind != right_answer.kind or left_answer.error != right_answer.error:
        what = f"{left_answer.kind} in {left_name}, {right_answer.kind} in {right_name}"
        for (name, answer), (_, other) in ((left, right), (right, left)):
            if answer.kind != ANSWERS:
                yield from (((rule, name), what) for rule in answer.rules if rule not in other.rules)
        return
    for reading, other_reading in zip(left_answer.readings, right_answer.readings, strict=False):
        if reading.answer and other_reading.answer:
            yield from _deciding((left_name, reading.answer), (right_name, other_reading.answer))
    if left_answer.kind == CONTESTED and left_answer.rules != right_answer.rules:
        what = "contested for other reasons"
        yield from (((rule, left_name), what) for rule in left_answer.rules if rule not in right_answer.rules)
        yield from (
            ((rule, right_name), what) for rule in right_answer.rules if rule not in left_answer.rules
        )
    for field_name in {**left_answer.fields, **right_answer.fields}:
        one, other_one = left_answer.fields.get(field_name), right_answer.fields.get(field_name)
        if (one and one.holds) == (other_one and other_one.holds):
            continue
        what = f"{field_name} {_held(one)} in {left_name}, {_held(other_one)} in {right_name}"
        if one:
            yield (one.rule, left_name), what
        if other_one:
            yield (other_one.rule, right_name), what


def _held(answer: FieldAnswer | None) -> str:
    return str(answer.holds) if answer else "not spoken of"
