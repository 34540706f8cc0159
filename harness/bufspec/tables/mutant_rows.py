"""One row of the tables of mutants, an exporter, a consumer or a set of functions: what it breaks, who must
report it, its twin.

Values only: mutants.py reads the tables and declares the rows as subjects, mutants/score.py keeps the score.
"""

from __future__ import annotations

import fnmatch
import json
from typing import Any

from attrs import evolve, field, frozen

from bufspec.declare import CONSUMER, EXPORTER, FUNCTION, READS
from bufspec.words import CURRENT, MUTANTS

Memory = str | dict[str, Any]
Behaviours = tuple[dict[str, Any], ...]
TWIN = "_twin"
"""How the id of a twin ends."""


@frozen
class Bug:
    """A row of the corpus of real bugs, and where it was reported."""

    row: int
    reference: str
    reason: str = ""


@frozen(eq=False)
class Row:
    """What all kinds have: one that breaks `rule`, by its faults, or one that conforms and names no rule.

    Of a mutant one of `caught_by` must be reported, and nothing but these and `also`.
    """

    id: str
    note: str
    behaviours: Behaviours = ()
    needs: str = ""
    also: tuple[str, ...] = ()
    bugs: tuple[Bug, ...] = ()
    edition: str = CURRENT
    rule: str = ""
    class_: str = field(default="", alias="class_")
    faults: Behaviours = ()
    caught_by: tuple[str, ...] = ()

    target = ""

    @property
    def name(self) -> str:
        """What it is called among all mutants."""
        return self.id

    @property
    def subject(self) -> str:
        """The name under which it is judged."""
        return f"{MUTANTS}.{self.name}"

    @property
    def behaviours_and_faults(self) -> list[dict[str, Any]]:
        """Legal behaviours first, then faults."""
        return [*self.behaviours, *self.faults]

    @property
    def expected(self) -> tuple[str, ...]:
        """The rules of which at least one must be reported."""
        return self.caught_by or (self.rule,)

    def announces(self, rule: str) -> bool:
        """Whether the row says that this rule may be reported of it; `also` may have globs."""
        globs = (self.rule, *self.expected, *self.also)
        return any(fnmatch.fnmatchcase(rule, glob) for glob in globs)

    @property
    def likeness(self) -> str:
        """What rows have in common that behave alike."""
        return json.dumps(
            [self.target, self.behaviours_and_faults, self.edition, *self._parts()], sort_keys=True
        )

    def _parts(self) -> list[Any]:
        return []


@frozen(eq=False)
class Exporter(Row):
    """An exporter of the mutant machine; `python` says that subjects/mutants makes it in Python instead."""

    memory: Memory = "bytes_one_dim"
    operations: bool = False
    expect: bool = False
    build: bool = False
    volatile: bool = False
    python: bool = False

    target = EXPORTER

    def _parts(self) -> list[Any]:
        own = self.id if self.python else ""
        return [self.memory, self.operations, self.expect, self.build, self.volatile, own]


@frozen(eq=False)
class Consumer(Row):
    """A consumer of the mutant machine; its other fields are what bufspec.declare.consumer() takes.

    `python` says that subjects/mutants declares it, in Python, with all that is to be said of it.
    """

    kind: str = READS
    returns: str = "bytes"
    accepts: tuple[str, ...] = ()
    fallback: bool = False
    order: str = ""
    fits: dict[str, Any] | None = None
    python: bool = False

    target = CONSUMER

    @property
    def name(self) -> str:
        return f"consumer_{self.id}"

    def _parts(self) -> list[Any]:
        own = self.id if self.python else ""
        return [self.kind, self.returns, self.accepts, self.fallback, self.order, self.fits, own]


@frozen(eq=False)
class Functions(Row):
    """A set of library functions: those of the reference, with the one fault of the row's id.

    They are in a shared library, and judged through its functions: harness/adapters/native/mutants.  `python`
    says that subjects/mutants makes it instead, as names that stand for those of this interpreter.
    """

    python: bool = False

    target = FUNCTION

    def _parts(self) -> list[Any]:
        return [self.id] if self.python else []

    @property
    def name(self) -> str:
        return f"runtime_{self.id}"

    @property
    def called(self) -> str:
        """What the library calls it; a set without a fault is `none`."""
        return f"faulty.{self.id if self.rule else 'none'}"


def twin_of(mutant: Row) -> Row:
    """The same subject without its faults."""
    return evolve(
        mutant,
        id=f"{mutant.id}{TWIN}",
        note=f"{mutant.id} without its faults",
        also=(),
        bugs=(),
        rule="",
        class_="",
        faults=(),
        caught_by=(),
    )
