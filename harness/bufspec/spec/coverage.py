"""Where every clause of the sources went.

For each clause: judged on subjects, by its own rules or by those that catch their mutants; held against the
reference alone, by which cases and laws; informative; unobservable and why; or no check yet.  Counts what is
checked by which kind of case.  Says nothing about whether a check is a good one.
"""

from __future__ import annotations

from collections import Counter

from attrs import asdict, frozen
from rich.console import Console

from bufspec.spec.clause_texts import ClauseText
from bufspec.spec.grid import grid
from bufspec.spec.problems import JSON
from bufspec.spec.rows import Rule
from bufspec.spec.tables import Spec

JUDGED, HELD, NO_CHECK, UNOBSERVABLE, INFORMATIVE, MISSING = (
    "judged on subjects",
    "held against the reference alone",
    "no check yet",
    "unobservable",
    "informative",
    "missing",
)
STATES = (JUDGED, HELD, NO_CHECK, UNOBSERVABLE, INFORMATIVE, MISSING)


@frozen
class Through:
    """A rule that has no judge of its own, and the judged rules that catch the mutants which break it."""

    rule: str
    judge: tuple[str, ...]


@frozen
class ClauseCoverage:
    """One clause: what it says, its state, the rules that name it, what checks them, or why nothing does."""

    clause: str
    section: str
    says: str
    state: str
    rules: tuple[str, ...]
    judge: tuple[str, ...]
    through: tuple[Through, ...]
    cases: tuple[str, ...]
    laws: tuple[str, ...]
    reasons: tuple[str, ...]


@frozen
class Kind:
    """One kind of case: how many there are, their share of all, and how many rules they bear on."""

    kind: str
    count: int
    share: float
    rules: int


@frozen
class Coverage:
    """Every clause, and the shares by kind of case."""

    clauses: tuple[ClauseCoverage, ...]
    kinds: tuple[Kind, ...]

    @property
    def totals(self) -> dict[str, int]:
        """How many clauses are in each state."""
        counts = Counter(one.state for one in self.clauses)
        return {state: counts[state] for state in STATES}

    @property
    def complete(self) -> bool:
        """Whether every clause has a check or a reason why it has none."""
        return self.totals[MISSING] == self.totals[NO_CHECK] == 0

    def to_json(self) -> JSON:
        """The coverage as plain values."""
        return {
            "complete": self.complete,
            "clauses_total": len(self.clauses),
            "totals": self.totals,
            **asdict(self),
        }

    def render(self, console: Console) -> None:
        """Print a row a clause, the totals and the shares."""
        table = grid(f"{len(self.clauses)} clauses")
        for heading in ("clause", "state", "by"):
            table.add_column(heading, overflow="fold")
        for one in self.clauses:
            table.add_row(one.clause, one.state, _by(one))
        console.print(table)
        console.print(", ".join(f"{count} {state}" for state, count in self.totals.items()))
        if not self.complete:
            open_ones = [one.clause for one in self.clauses if one.state in (NO_CHECK, MISSING)]
            console.print(f"without a check or a reason: {', '.join(open_ones)}")
        kinds = grid("shares by kind of case")
        for heading in ("kind", "count", "share", "rules"):
            kinds.add_column(heading, justify="left" if heading == "kind" else "right")
        for kind in self.kinds:
            kinds.add_row(kind.kind, f"{kind.count:,}", f"{kind.share:.1%}", str(kind.rules))
        console.print(kinds)


def _by(one: ClauseCoverage) -> str:
    match one.state:
        case "judged on subjects":
            through = [f"{', '.join(other.judge)} (catches breaks of {other.rule})" for other in one.through]
            return "; ".join([*one.judge, *through])
        case "held against the reference alone":
            parts = [*one.laws]
            if one.cases:
                rules = sorted({case.partition("#")[0] for case in one.cases})
                parts.append(f"{len(one.cases)} case{'s' * (len(one.cases) != 1)} of {', '.join(rules)}")
            return "; ".join([*parts, *one.reasons])
        case "unobservable":
            return "; ".join(one.reasons)
        case _:
            return ", ".join(one.rules)


def coverage(spec: Spec) -> Coverage:
    """The coverage of every clause that sources.yaml lists, in its order."""
    naming: dict[str, list[Rule]] = {}
    for rule in spec.rules:
        for clause in rule.clauses:
            naming.setdefault(clause, []).append(rule)
    texts = spec.clause_texts
    through = _through(spec)
    clauses = tuple(
        _clause(clause, section, naming.get(clause, []), texts.get(clause), through)
        for section, ids in spec.clauses.items()
        for clause in ids
    )
    return Coverage(clauses, _kinds(spec))


def _through(spec: Spec) -> dict[str, Through]:
    judged = {rule.id for rule in spec.rules if rule.judged}
    found = {}
    for rule, others in spec.caught_by.items():
        judge = tuple(one for one in others if one in judged)
        if rule not in judged and judge:
            found[rule] = Through(rule, judge)
    return found


def _clause(
    clause: str, section: str, rules: list[Rule], text: ClauseText | None, through: dict[str, Through]
) -> ClauseCoverage:
    reasons = [rule.unobservable for rule in rules if rule.unobservable]
    reasons += [text.not_checked] if text and text.not_checked else []
    return ClauseCoverage(
        clause=clause,
        section=section,
        says=text.says if text else "",
        state=_state(rules, text, through),
        rules=tuple(rule.id for rule in rules),
        judge=tuple(rule.id for rule in rules if rule.judged),
        through=tuple(through[rule.id] for rule in rules if rule.id in through),
        cases=tuple(f"{rule.id}#{case.id}" for rule in rules for case in rule.cases),
        laws=tuple(law for rule in rules for law in rule.law),
        reasons=tuple(reasons),
    )


def _state(rules: list[Rule], text: ClauseText | None, through: dict[str, Through]) -> str:
    """The strongest thing any rule does about a clause; a rule still to be checked outweighs an excuse."""
    if not rules:
        return MISSING
    if any(rule.judged or rule.id in through for rule in rules):
        return JUDGED
    if any(rule.checked for rule in rules):
        return HELD
    if text and text.not_checked:
        return UNOBSERVABLE
    if any(rule.observes for rule in rules):
        return NO_CHECK
    if any(rule.unobservable for rule in rules):
        return UNOBSERVABLE
    return INFORMATIVE


def _kinds(spec: Spec) -> tuple[Kind, ...]:
    bearing: dict[str, list[str]] = {}
    for rule in spec.rules:
        kinds = [f"data case: {case.call}" for case in rule.cases]
        kinds += ["judge function"] * rule.judged + ["law of the reference"] * len(rule.law)
        for kind in kinds:
            bearing.setdefault(kind, []).append(rule.id)
    total = sum(map(len, bearing.values())) or 1
    order = sorted(bearing, key=lambda kind: (-len(bearing[kind]), kind))
    return tuple(
        Kind(one, len(bearing[one]), len(bearing[one]) / total, len(set(bearing[one]))) for one in order
    )
