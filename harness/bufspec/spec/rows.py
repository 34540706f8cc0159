"""What one row of each table is: typed values, in the words of the tables.

Every class is a row of one list in spec/; its fields are the keys of that row.  Nothing here reads or
checks.
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from bufspec.words import FIRST_VERSION

Values = dict[str, Any]


@frozen
class Source:
    """Where a rule is taken from: a text, a part of it, and the clauses accounted for there."""

    text: str
    part: str
    clauses: tuple[str, ...] = ()
    ambiguity: tuple[str, ...] = ()


@frozen
class Difference:
    """What one edition says instead (id X-n)."""

    id: str
    edition: str
    level: str
    statement: str


@frozen
class Reading:
    """One of the readings of a contested rule."""

    name: str
    statement: str
    evidence: str


@frozen
class Case:
    """One call with what is given and what is expected."""

    id: str
    call: str
    given: Values = field(factory=dict)
    expect: Values = field(factory=dict)
    since: str | None = None
    note: str = ""


@frozen
class Rule:
    """One normative statement."""

    id: str
    level: str
    impact: str
    binds: tuple[str, ...]
    editions: tuple[str, ...]
    sources: tuple[Source, ...]
    statement: str
    differences: tuple[Difference, ...] = ()
    since: str = FIRST_VERSION
    hint: str = ""
    readings: tuple[Reading, ...] = ()
    judged: bool = False
    observes: tuple[str, ...] = ()
    unobservable: str | None = None
    cases: tuple[Case, ...] = ()
    law: tuple[str, ...] = ()

    @property
    def clauses(self) -> tuple[str, ...]:
        """Every clause the rule names, once, over all its sources."""
        return tuple(dict.fromkeys(clause for source in self.sources for clause in source.clauses))

    @property
    def ambiguities(self) -> tuple[str, ...]:
        """Every ambiguity the rule answers."""
        return tuple(one for source in self.sources for one in source.ambiguity)

    @property
    def checked(self) -> bool:
        """Whether anything shows today that the rule is kept: the judge, a data case or a law."""
        return bool(self.judged or self.cases or self.law)


@frozen
class Flag:
    """A flag of a request: `own_bit` is the bit no flag below it has."""

    name: str
    value: int
    own_bit: int
    contains: tuple[str, ...]


@frozen
class Compound:
    """A named union of flags."""

    name: str
    value: int
    of: tuple[str, ...]


@frozen
class Constant:
    """A named value that is not a request."""

    name: str
    value: int
    note: str


@frozen
class Canonical:
    """How the canonical words are made: structural requests times modifiers."""

    structural: tuple[str, ...]
    subsets_of: tuple[str, ...]
    modifiers: tuple[str, ...]


@frozen
class RowReading:
    """A reading in a contested row; `as_word` names the other word whose answer it is."""

    name: str
    as_word: str | None = None


@frozen
class RequestRow:
    """A condition on a flag word and a memory, and what follows from it.

    `memory` lists facts that must all hold, `asks` and `lacks` name flags; what is absent is not a condition.
    """

    rule: str
    asks: str | None = None
    lacks: str | None = None
    memory: dict[str, bool] = field(factory=dict)
    editions: tuple[str, ...] = ()
    words: tuple[int, ...] = ()
    answer: str | None = None
    error: str | None = None
    since: str | None = None
    stray_bits: bool = False
    both_orders: bool = False
    needs_contiguity: bool = False
    readings: tuple[RowReading, ...] = ()
    field: str | None = None
    holds: int | str | None = None


@frozen
class Requests:
    """The request tables, in the order in which they are read."""

    reserved: tuple[RequestRow, ...]
    refusals: tuple[RequestRow, ...]
    contested: tuple[RequestRow, ...]
    answers: tuple[RequestRow, ...]


@frozen
class Formats:
    """The format grammar as data."""

    orders: tuple[Values, ...]
    codes: tuple[Values, ...]
    constructs: tuple[Values, ...]


@frozen
class Layout:
    """A named memory: see the head of layouts.yaml."""

    name: str
    format: str
    itemsize: int
    shape: tuple[int, ...]
    class_name: str
    note: str
    strides: tuple[int, ...] | None = None
    suboffsets: tuple[int, ...] | None = None
    offset: int = 0
    block: int | None = None
    readonly: bool = False


@frozen
class LayoutClass:
    """The facts about a memory on which the answer to a request depends (besides readonly)."""

    name: str
    c_contiguous: bool
    f_contiguous: bool
    indirect: bool
    zero_dim: bool
    empty: bool
    ambiguous_empty: bool

    def facts(self, *, readonly: bool) -> dict[str, bool]:
        """The facts by the names the request rows use."""
        return {
            "readonly": readonly,
            "c_contiguous": self.c_contiguous,
            "f_contiguous": self.f_contiguous,
            "any_contiguous": self.c_contiguous or self.f_contiguous,
            "indirect": self.indirect,
            "zero_dim": self.zero_dim,
            "empty": self.empty,
            "ambiguous_empty": self.ambiguous_empty,
        }


@frozen
class Sweep:
    """The bounds of an exhaustive sweep."""

    name: str
    ndim_max: int
    extents: tuple[int, ...]
    strides_in_items: tuple[int, ...]
    strides_for_extent_one: tuple[int, ...]
    itemsizes: tuple[int, ...]
    suboffsets: tuple[bool, ...]
    readonly: tuple[bool, ...]
    flags: int


@frozen
class TextSource:
    """A text the rules are taken from."""

    title: str
    url: str
    version: str


@frozen
class Edition:
    """A text a subject can be held against."""

    name: str
    title: str
    text: str
