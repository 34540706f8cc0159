"""What the request tables answer to a flag word on a memory, in one edition.

Reads the rows of 20-requests.yaml as its head describes: reserved, refusals, contested, answers.  A word
whose readings are other words is refused only if all of them are, so its readings are asked before its
refusals.  Pure: no files, no positions, nothing of the reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from bufspec.spec.rows import RequestRow
from bufspec.spec.tables import Spec

MUST_REFUSE, ANSWERS, CONTESTED = "must_refuse", "answers", "contested"
KINDS = (MUST_REFUSE, ANSWERS, CONTESTED)


@frozen
class FieldAnswer:
    """What a field holds if the request is granted, and the rule that says so."""

    rule: str
    holds: int | str


@frozen
class ReadingAnswer:
    """One reading of a contested word; `answer` is set where the reading is the answer to another word."""

    rule: str
    name: str
    word: int | None = None
    answer: Answer | None = None


@frozen
class Answer:
    """The one answer to a word: its kind, the rules that decide it, and what follows.

    must_refuse has an `error`; answers has `fields`; contested has `readings`, and `fields` where no reading
    decides otherwise.
    """

    kind: str
    rules: tuple[str, ...]
    error: str | None = None
    fields: Mapping[str, FieldAnswer] = field(factory=dict)
    readings: tuple[ReadingAnswer, ...] = ()


@frozen
class Rows:
    """The rows that can apply to one memory in one edition, with their places in the table's lists."""

    reserved: tuple[tuple[int, RequestRow], ...]
    refusals: tuple[tuple[int, RequestRow], ...]
    contested: tuple[tuple[int, RequestRow], ...]
    answers: tuple[tuple[int, RequestRow], ...]


class RequestTable:
    """The request rows of a spec, ready to be asked."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.values = {flag.name: flag.value for flag in spec.flags}
        self.contiguity = [flag.value for flag in spec.flags if flag.name.endswith("_CONTIGUOUS")]
        self.strides = self.values["STRIDES"]

    def rows(self, facts: Mapping[str, bool], edition: str) -> Rows:
        """The rows whose memory conditions and editions hold."""

        def holding(rows: tuple[RequestRow, ...]) -> tuple[tuple[int, RequestRow], ...]:
            return tuple(
                (index, row)
                for index, row in enumerate(rows)
                if (not row.editions or edition in row.editions)
                and all(facts[name] == wanted for name, wanted in row.memory.items())
            )

        table = self.spec.requests
        return Rows(*map(holding, (table.reserved, table.refusals, table.contested, table.answers)))

    def applies(self, row: RequestRow, word: int) -> bool:
        """Whether the conditions of `row` on the flag word hold."""
        if row.words and word not in row.words:
            return False
        if row.asks and not self._has(word, row.asks):
            return False
        if row.lacks and self._has(word, row.lacks):
            return False
        if row.stray_bits and not self.stray_flags(word):
            return False
        if row.both_orders and not (self._has(word, "C_CONTIGUOUS") and self._has(word, "F_CONTIGUOUS")):
            return False
        return not row.needs_contiguity or self.needs_contiguity(word)

    def _has(self, word: int, flag: str) -> bool:
        value = self.values[flag]
        return word & value == value

    def stray_flags(self, word: int) -> list[int]:
        """The values of the flags whose own bit is set although the flag is not complete."""
        return [
            flag.value for flag in self.spec.flags if word & flag.own_bit and word & flag.value != flag.value
        ]

    def needs_contiguity(self, word: int) -> bool:
        """Whether the word can be granted to contiguous memory only."""
        return word & self.strides != self.strides or any(word & value == value for value in self.contiguity)

    def other_word(self, word: int, how: str) -> int:
        """The word that a reading puts in the place of `word` (`complete_flags` or `own_bits`)."""
        other = 0
        if how == "own_bits":
            other = word
        for flag in self.spec.flags:
            if how == "own_bits" and word & flag.own_bit:
                other |= flag.value
            if how == "complete_flags" and word & flag.value == flag.value:
                other |= flag.value
        return other

    def answer(self, word: int, rows: Rows) -> Answer:
        """The answer to `word` for the memory and edition that `rows` was made for."""
        reserved = [row for _, row in rows.reserved if self.applies(row, word)]
        if reserved:
            return Answer(MUST_REFUSE, _rules(reserved), reserved[0].error)
        contested = [row for _, row in rows.contested if self.applies(row, word)]
        for row in contested:
            if any(reading.as_word for reading in row.readings):
                return self._as_other_words(row, word, rows)
        refusals = [row for _, row in rows.refusals if self.applies(row, word)]
        if refusals:
            return Answer(MUST_REFUSE, _rules(refusals), "BufferError")
        fields: dict[str, FieldAnswer] = {}
        for _, row in rows.answers:
            if row.field and row.field not in fields and row.holds is not None and self.applies(row, word):
                fields[row.field] = FieldAnswer(row.rule, row.holds)
        if contested:
            readings = tuple(ReadingAnswer(row.rule, one.name) for row in contested for one in row.readings)
            return Answer(CONTESTED, _rules(contested), fields=fields, readings=readings)
        return Answer(ANSWERS, tuple(one.rule for one in fields.values()), fields=fields)

    def _as_other_words(self, row: RequestRow, word: int, rows: Rows) -> Answer:
        """The answer to a word whose readings are other words: refused only if every reading refuses it."""
        readings = []
        for reading in row.readings:
            other = self.other_word(word, reading.as_word) if reading.as_word else word
            answer = self.answer(other, rows) if reading.as_word else None
            readings.append(ReadingAnswer(row.rule, reading.name, other, answer))
        answers = [one.answer for one in readings if one.answer]
        if len(answers) == len(readings) and all(one.kind == MUST_REFUSE for one in answers):
            return Answer(MUST_REFUSE, answers[0].rules, answers[0].error)
        return Answer(CONTESTED, (row.rule,), fields=answers[0].fields, readings=tuple(readings))


def _rules(rows: list[RequestRow]) -> tuple[str, ...]:
    return tuple(row.rule for row in rows)
