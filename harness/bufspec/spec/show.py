"""What `spec show` shows: rules by name or glob, requests, flags, formats, layouts.

A page is data with titled sections of rows; it renders itself as tables and is plain values for JSON.
Nothing here checks a table.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable
from typing import Any

from attrs import asdict, frozen
from rich.console import Console
from rich.text import Text

from bufspec.spec.geometry import is_indirect
from bufspec.spec.grid import grid
from bufspec.spec.problems import JSON
from bufspec.spec.requests import Answer, RequestTable
from bufspec.spec.rows import Layout, RequestRow, Rule
from bufspec.spec.tables import REQUEST_LISTS, Spec
from bufspec.words import FIRST_VERSION


@frozen
class Section:
    """A title, headings, and rows of cells as text."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@frozen
class Page:
    """What was asked for: `data` for JSON, `sections` for people.  Empty if nothing has that name."""

    name: str
    data: Any
    sections: tuple[Section, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing was found."""
        return not self.data

    def to_json(self) -> JSON:
        """The page as plain values."""
        return {"name": self.name, "data": self.data}

    def render(self, console: Console) -> None:
        """Print the sections."""
        for section in self.sections:
            table = grid(section.title, show_header=any(section.headings))
            for heading in section.headings:
                table.add_column(heading, overflow="fold", no_wrap=heading in ("name", "class"))
            for row in section.rows:
                table.add_row(*map(Text, row))
            console.print(table)
            console.print()


def show(spec: Spec, name: str) -> Page:
    """The page called `name`: one of PAGES, or the rules whose id matches it (a glob)."""
    if name in PAGES:
        return PAGES[name](spec)
    rules = [rule for rule in spec.rules if fnmatch.fnmatchcase(rule.id, name)]
    return Page(name, [_plain(rule) for rule in rules], tuple(_rule_section(rule) for rule in rules))


def _plain(row: Any) -> dict[str, Any]:
    """A row as plain values, without what is absent."""
    return {key: value for key, value in asdict(row).items() if value not in (None, (), {}, False, "")}


def _rule_section(rule: Rule) -> Section:
    rows = [
        ("statement", rule.statement),
        ("level", f"{rule.level}, impact {rule.impact}"),
        ("binds", ", ".join(rule.binds)),
        ("editions", ", ".join(rule.editions)),
    ]
    rows += [("source", _source(one.text, one.part, (*one.clauses, *one.ambiguity))) for one in rule.sources]
    rows += [
        ("differs", f"{one.id}, edition {one.edition} ({one.level}): {one.statement}")
        for one in rule.differences
    ]
    rows += [("reading", f"{one.name}: {one.statement} ({one.evidence})") for one in rule.readings]
    rows += [
        (key, text)
        for key, text in (
            ("observes", ", ".join(rule.observes)),
            ("unobservable", rule.unobservable or ""),
            ("judged", "yes" if rule.judged else ""),
            ("hint", rule.hint),
            ("since", "" if rule.since == FIRST_VERSION else f"bufspec {rule.since}"),
            ("law", ", ".join(rule.law)),
        )
        if text
    ]
    rows += [
        (f"case {one.id}", f"{one.call} {_flow(one.given)} -> {_flow(one.expect)}") for one in rule.cases
    ]
    return Section(rule.id, ("", ""), tuple(rows))


def _source(text: str, part: str, ids: tuple[str, ...]) -> str:
    return f"{text}, {part}" + (f" [{', '.join(ids)}]" if ids else "")


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(
                f"{key}: {_word(one) if key == 'flags' else _flow(one)}" for key, one in value.items()
            )
            + "}"
        )
    return f'"{value}"' if isinstance(value, str) else str(value)


def _word(value: object) -> str:
    return f"{value:#05x}" if isinstance(value, int) else str(value)


def _flags(spec: Spec) -> Page:
    flags = [(one.name, _word(one.value), _word(one.own_bit), ", ".join(one.contains)) for one in spec.flags]
    compounds = [(one.name, _word(one.value), " | ".join(one.of)) for one in spec.compounds]
    constants = [(one.name, _word(one.value), one.note) for one in spec.constants]
    data = {
        "flags": [asdict(one) for one in spec.flags],
        "compounds": [asdict(one) for one in spec.compounds],
        "constants": [asdict(one) for one in spec.constants],
        "unassigned_bits": spec.unassigned_bits,
        "canonical_words": list(spec.canonical_words()),
    }
    return Page(
        "flags",
        data,
        (
            Section("flags", ("name", "value", "own bit", "contains"), tuple(flags)),
            Section("compounds", ("name", "value", "of"), tuple(compounds)),
            Section("constants", ("name", "value", "note"), tuple(constants)),
        ),
    )


def _requests(spec: Spec) -> Page:
    data: dict[str, Any] = {}
    sections = []
    for name in REQUEST_LISTS:
        rows: tuple[RequestRow, ...] = getattr(spec.requests, name)
        data[name] = [_plain(row) for row in rows]
        cells = tuple((row.rule, _condition(row), _consequence(row), ", ".join(row.editions)) for row in rows)
        sections.append(Section(name, ("rule", "if", "then", "editions"), cells))
    words, lines = _canonical_answers(spec)
    data["canonical"] = words
    sections.append(Section("canonical words, edition current", ("word", "memory", "answer"), lines))
    return Page("requests", data, tuple(sections))


def _condition(row: RequestRow) -> str:
    parts = [f"{key} {value}" for key, value in (("asks", row.asks), ("lacks", row.lacks)) if value]
    parts += [f"exactly {', '.join(map(_word, row.words))}"] * bool(row.words)
    parts += ["stray bits"] * row.stray_bits + ["both orders"] * row.both_orders
    parts += ["needs contiguity"] * row.needs_contiguity
    return (
        ", ".join([*parts, *(name if wanted else f"not {name}" for name, wanted in row.memory.items())])
        or "always"
    )


def _consequence(row: RequestRow) -> str:
    if row.field:
        return f"{row.field}: {row.holds}"
    if row.readings:
        return "contested: " + ", ".join(one.name for one in row.readings)
    return f"must refuse with {row.error or 'BufferError'}"


def _canonical_answers(spec: Spec) -> tuple[list[dict[str, Any]], tuple[tuple[str, ...], ...]]:
    """The answers to the canonical words by memory, writable, edition current; equal answers on one line."""
    table = RequestTable(spec)
    edition = spec.editions[-1].name
    words: list[dict[str, Any]] = []
    cells: list[tuple[str, ...]] = []
    for word in spec.canonical_words():
        by_text: dict[str, list[str]] = {}
        for memory in spec.classes:
            answer = table.answer(word, table.rows(memory.facts(readonly=False), edition))
            by_text.setdefault(_answer_text(answer), []).append(memory.name)
            kind = {"word": word, "memory": memory.name, "answer": answer.kind, "rules": list(answer.rules)}
            words.append(kind)
        cells += [(_word(word), ", ".join(names), text) for text, names in by_text.items()]
    return words, tuple(cells)


def _answer_text(answer: Answer) -> str:
    named = ("shape", "strides", "suboffsets", "format")
    fields = ", ".join(f"{name} {answer.fields[name].holds}" for name in named if name in answer.fields)
    match answer.kind:
        case "must_refuse":
            return f"must refuse ({answer.error})"
        case "contested":
            return f"contested ({', '.join(one.rpartition('.')[2] for one in answer.rules)}); {fields}"
        case _:
            return f"if it answers: {fields}"


def _formats(spec: Spec) -> Page:
    sections = []
    data: dict[str, Any] = {}
    for name in ("orders", "codes", "constructs"):
        rows = [dict(row) for row in getattr(spec.formats, name)]
        data[name] = rows
        headings = tuple(dict.fromkeys(key for row in rows for key in row))
        cells = tuple(tuple(_cell(row.get(key, "")) for key in headings) for row in rows)
        sections.append(Section(name, tuple(one.replace("_", " ") for one in headings), cells))
    return Page("formats", data, tuple(sections))


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "-" if value is None else str(value)


def _layouts(spec: Spec) -> Page:
    headings = ("name", "class", "memory, and why it is here")
    cells = tuple((one.name, one.class_name, f"{_memory(one)}\n{one.note}") for one in spec.layouts)
    classes = tuple(tuple(_cell(value) for value in asdict(one).values()) for one in spec.classes)
    sweeps = tuple(tuple(_cell(value) for value in asdict(one).values()) for one in spec.sweeps)
    data = {
        "layouts": [_plain(one) | {"shape": list(one.shape)} for one in spec.layouts],
        "classes": [asdict(one) for one in spec.classes],
        "sweeps": [asdict(one) for one in spec.sweeps],
    }
    return Page(
        "layouts",
        data,
        (
            Section("layouts", headings, cells),
            Section("classes", tuple(asdict(spec.classes[0])), classes),
            Section("sweeps", tuple(asdict(spec.sweeps[0])), sweeps),
        ),
    )


def _memory(layout: Layout) -> str:
    parts = [f'format "{layout.format}", itemsize {layout.itemsize}, shape {_steps(layout.shape) or "()"}']
    if layout.strides is not None:
        parts.append(f"strides {_steps(layout.strides)}")
    if is_indirect(layout):
        parts.append(f"suboffsets {_steps(layout.suboffsets)}")
    if layout.offset:
        parts.append(f"offset {layout.offset}")
    if layout.readonly:
        parts.append("read-only")
    return ", ".join(parts)


def _steps(steps: tuple[int, ...] | None) -> str:
    if steps is None:
        return ""
    return f"({', '.join(map(str, steps))})" if len(steps) <= 8 else f"({steps[0]}, ... {len(steps)} in all)"


PAGES: dict[str, Callable[[Spec], Page]] = {
    "requests": _requests,
    "flags": _flags,
    "formats": _formats,
    "layouts": _layouts,
}
