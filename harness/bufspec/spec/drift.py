"""Which clauses' passages read otherwise in a copy of a document than when they were taken from it?

A passage is known by the digest of its words.  Where no passage has that digest any more, the section and a
few words of it say which one took its place.  Nothing here knows whether a change matters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import asdict, frozen
from rich.console import Console
from rich.text import Text

from bufspec.errors import SelectionError
from bufspec.spec.clause_texts import ClauseText, ReadPassage, TextFile
from bufspec.spec.document import read_document
from bufspec.spec.passages import Passage, Passages, title_of
from bufspec.spec.problems import JSON
from bufspec.spec.tables import Spec
from bufspec.visible import visible

SAME, MOVED, CHANGED, GONE, NEW = "same", "moved", "changed", "gone", "new"
STATES = (SAME, MOVED, CHANGED, GONE)
SHOWN = 600
MOST_SHOWN = 3
MOST_RULES = 6
ENOUGH = 0.2
"""The share of a text's passages that a file must have, by digest or by words, to be taken for a copy."""


@frozen
class Found:
    """What became of one passage of a clause: the passages that may have taken its place, as words."""

    clause: str
    state: str
    says: str
    section: str
    places: tuple[int, ...]
    passages: tuple[str, ...]
    rules: tuple[str, ...]


@frozen
class New:
    """A passage that was not there, in a section that clauses were read from."""

    section: str
    line: int
    passage: str


@frozen
class Drift:
    """One document held against the clauses of one text."""

    file: str
    text: str
    title: str
    read: str
    found: tuple[Found, ...]
    new: tuple[New, ...]

    @property
    def totals(self) -> dict[str, int]:
        """How many passages of clauses are in each state, and how many are new."""
        counts = Counter(one.state for one in self.found)
        return {**{state: counts[state] for state in STATES}, NEW: len(self.new)}

    @property
    def drifted(self) -> bool:
        """Whether there is something to look at."""
        return bool(self.new) or any(one.state in (CHANGED, GONE) for one in self.found)

    def to_json(self) -> JSON:
        """The drift as plain values."""
        return {"drifted": self.drifted, "totals": self.totals, **asdict(self)}

    def render(self, console: Console) -> None:
        """Print what changed, then the totals and what to do."""
        for one in self.found:
            if one.state != SAME:
                _render(one, self.file, console)
        for new in self.new:
            heading = f"new or changed, of no clause: line {new.line} (section {new.section})"
            console.print(Text(visible(heading), style="bold"))
            console.print(Text(visible(f"    it says: {_cut(new.passage)}")), soft_wrap=True)
        totals = ", ".join(f"{count} {state}" for state, count in self.totals.items() if count)
        line = f"{self.file} against {self.text} ({self.title}; digests of: {self.read}): {totals}"
        console.print(Text(visible(line)), soft_wrap=True)
        if self.drifted:
            hint = (
                "read them, correct the clauses and their rules, then add --accept COPY to take them as read"
            )
            console.print(Text(f"    hint: {hint}"), soft_wrap=True)


def _render(one: Found, file: str, console: Console) -> None:
    where = f", line {one.places[0]}" if len(one.places) == 1 else ""
    console.print(Text(visible(f"{one.clause}: {one.state}{where} (section {one.section})"), style="bold"))
    rows = [("we read", one.says)]
    if one.state == CHANGED:
        several = len(one.passages) > 1
        heading = "one of these took its place" if several else "it now says"
        rows += [(heading, _cut(text)) for text in one.passages[:MOST_SHOWN]]
    if one.state == GONE:
        rows.append(("now", f"no passage of {file} has the words that it was found by"))
    more = f" and {len(one.rules) - MOST_RULES} more" if len(one.rules) > MOST_RULES else ""
    rows.append(("rules", ", ".join(one.rules[:MOST_RULES]) + more))
    for heading, text in rows:
        console.print(Text(visible(f"    {heading}: {text}")), soft_wrap=True)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def drift_of(spec: Spec, path: Path, text: str | None = None) -> Drift:
    """How the document in the file `path` differs from the text it is a copy of, named or guessed.

    Raises SelectionError for a text without passages, and for a file that is a copy of none.
    """
    passages = read_document(path)
    file = chosen(spec, passages, path, text)
    rules: dict[str, list[str]] = {}
    for rule in spec.rules:
        for clause in rule.clauses:
            rules.setdefault(clause, []).append(rule.id)
    found = tuple(
        _found(clause, one, place(one, passages), rules) for clause in file.clauses for one in clause.passages
    )
    new = tuple(New(one.section, one.line, one.text) for one in new_passages(file, passages))
    return Drift(str(path), file.text, spec.texts[file.text].title, file.read, found, new)


def new_passages(file: TextFile, passages: Passages) -> list[Passage]:
    """The passages in the sections of the clauses that are of no clause, nor can be, and were not there."""
    read = [one for clause in file.clauses for one in clause.passages]
    sections = {title_of(one.section) for one in read}
    known = {*file.others, *(passage.short for one in read for passage in place(one, passages)[1])}
    return [one for one in passages.all if one.section in sections and one.short not in known]


def chosen(spec: Spec, passages: Passages, path: Path, text: str | None) -> TextFile:
    """The text of that name, or the one that a document has most passages of."""
    files = [one for one in spec.text_files if any(clause.passages for clause in one.clauses)]
    names = f"one of: {', '.join(one.text for one in files)}"
    if text is not None:
        named = [one for one in files if one.text == text]
        if not named:
            raise SelectionError(f"{text!r} is not a text with passages", where="--text", hint=names)
        return named[0]
    shares = [(_share(one, passages), one) for one in files]
    best = max(shares, key=lambda pair: pair[0], default=None)
    if best is None or best[0] < ENOUGH:
        raise SelectionError(
            "this is a copy of none of the texts", where=str(path), hint=f"name the text: --text, {names}"
        )
    return best[1]


def _share(file: TextFile, passages: Passages) -> float:
    wanted = [one for clause in file.clauses for one in clause.passages]
    there = [one for one in wanted if place(one, passages)[0] in (SAME, MOVED)]
    sections = {one.section for one in passages.all}
    alike = [one for one in wanted if title_of(one.section) in sections]
    return (len(there) + len(alike)) / (2 * len(wanted))


def place(one: ReadPassage, passages: Passages) -> tuple[str, list[Passage]]:
    """What became of a passage, and the passages that are it or may be it now."""
    section = title_of(one.section)
    same = passages.by_digest.get(one.digest, [])
    if same:
        here = [passage for passage in same if passage.section == section]
        return (SAME, here) if here else (MOVED, same)
    having = passages.having(one.words)
    here = [passage for passage in having if passage.section == section]
    there = here or (having if len(having) == 1 else [])
    return (CHANGED, there) if there else (GONE, [])


def _found(
    clause: ClauseText,
    one: ReadPassage,
    placed: tuple[str, list[Passage]],
    rules: Mapping[str, Iterable[str]],
) -> Found:
    state, passages = placed
    return Found(
        clause=clause.clause,
        state=state,
        says=clause.says,
        section=one.section,
        places=tuple(passage.line for passage in passages),
        passages=tuple(passage.text for passage in passages) if state == CHANGED else (),
        rules=tuple(rules.get(clause.clause, ())),
    )
