"""What in these pages is not written by hand?

A line `<!-- made: NAME -->` of a page becomes Markdown made here: from the tables, the schemas, the command
line and the glossary of the guide, as they are installed.  Needs no Sphinx, so that the ordinary tests see
the same pages.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click
from bufspec.cli import main
from bufspec.manual.page import commands_under
from bufspec.reports.site.glossary import GLOSSARY
from bufspec.spec.guide import guide
from bufspec.spec.named import SECTIONS
from bufspec.spec.tables import Spec
from bufspec.tables.rulebook import RuleText, load_rulebook
from bufspec.words import COUNTED_ITEMS, CURRENT, IN_PYTHON, WITHOUT_RELEASE

MARK = re.compile(r"^<!-- made: ([a-z_]+)(?: ([a-z0-9_]+))? -->$", re.MULTILINE)
SYMPTOMS = {
    "memory_safety": "It crashes, or reads or writes memory that is not its own",
    "wrong_data": "The data are wrong",
    "leak": "Memory, references or locks are never given up",
    "interop": "Others refuse it, or do not understand it",
    "cosmetic": "It works, but it is not as the documents say",
}
"""What users see of a rule that is broken, by impact."""
CIRCUMSTANCES = {
    IN_PYTHON: "A class in Python",
    WITHOUT_RELEASE: "A type without `bf_releasebuffer`",
    COUNTED_ITEMS: "Where items were counted for bytes",
}
"""When a rule has another hint."""
SPECIAL = re.compile(r"([\\`*_\[\]<>{}$#|&~])")


def filled(text: str) -> str:
    """The text of a page with everything made that it asks for."""

    def made(match: re.Match[str]) -> str:
        make: Callable[..., Iterator[str]] = MAKERS[match[1]]
        return "\n".join(make(match[2]) if match[2] else make())

    return MARK.sub(made, text)


def plain(text: object) -> str:
    """A text on one line, as Markdown that shows it as it is."""
    return SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


@functools.cache
def tables() -> dict[str, Any]:
    """All tables as plain values."""
    return guide(Spec.load(None))


def areas() -> list[dict[str, Any]]:
    """The areas of rules, in the order of reading."""
    found: list[dict[str, Any]] = tables()["areas"]
    return found


def rules_of(area: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules of an area."""
    return [rule for part in area["parts"] for rule in part["rules"]]


def _rules(area: str) -> Iterator[str]:
    (one,) = [one for one in areas() if one["area"] == area]
    several = len(one["parts"]) > 1
    for part in one["parts"]:
        if several:
            yield f"## {plain(part['title'])}\n"
        for rule in part["rules"]:
            yield from _rule(rule, "###" if several else "##")


def _rule(rule: dict[str, Any], heading: str) -> Iterator[str]:
    yield f"({rule['id']})=\n{heading} {plain(rule['id'])}\n"
    yield plain(rule["statement"]) + "\n"
    yield "| | |\n|---|---|"
    yield f"| level | {rule['level']} |"
    yield f"| impact | {plain(rule['impact'])} |"
    yield f"| binds | {', '.join(rule['binds'])} |"
    yield f"| editions | {', '.join(rule['editions'])} |"
    yield f"| sources | {'; '.join(map(_source, rule['sources']))} |"
    yield f"| since | {rule['since']} |"
    if rule["hint"]:
        yield f"| hint | {plain(rule['hint'])} |"
    if rule["unobservable"]:
        yield f"| not judged | {plain(rule['unobservable'])} |"
    yield ""
    for side in rule["sides"]:
        if side["id"]:
            yield f"Edition {side['name']} ({side['level']}): {plain(side['statement'])}\n"
    if rule["readings"]:
        yield "The documents leave this open. Interpretations:\n"
        yield from (f"- {plain(one['name'])}: {plain(one['statement'])}" for one in rule["readings"])
        yield ""


def _source(source: dict[str, Any]) -> str:
    text = tables()["texts"][source["text"]]
    where = f"[{plain(text['title'])}]({text['url']})" if text.get("url") else plain(text["title"])
    part = f", {plain(source['part'])}" if source.get("part") else ""
    clauses = f" ({', '.join(source['clauses'])})" if source["clauses"] else ""
    return f"{where}{part}{clauses}"


def _hints() -> Iterator[str]:
    for impact, symptom in SYMPTOMS.items():
        yield f"## {symptom}\n"
        yield f"Rules of impact `{impact}`.\n"
        for area in areas():
            hinted = [one for one in rules_of(area) if one["impact"] == impact and one["hint"]]
            if hinted:
                yield f"**{plain(area['title'])}**\n"
                yield from map(_hint, hinted)
                yield ""


def _hint(rule: dict[str, Any]) -> str:
    """The hint of a rule, and below it those for circumstances in which it does not help."""
    lines = [f"- [{plain(rule['id'])}](#{rule['id']}): {plain(rule['hint'])}"]
    lines += (f"  - {CIRCUMSTANCES[name]}: {plain(text)}" for name, text in other_hints(rule["id"]).items())
    return "\n".join(lines)


@functools.cache
def _texts() -> dict[str, RuleText]:
    return load_rulebook(CURRENT, [rule["id"] for area in areas() for rule in rules_of(area)]).rules


def other_hints(rule: str) -> Mapping[str, str]:
    """The hints of a rule for circumstances of its own."""
    text = _texts().get(rule)
    return text.hint_if if text else {}


def _commands() -> Iterator[str]:
    root = click.Context(main, info_name="bufspec", **main.context_settings)
    for context in commands_under(root):
        yield f"(command-{context.command_path.replace(' ', '-')})=\n## {context.command_path}\n"
        yield f"```text\n{context.get_help()}\n```\n"


def _glossary() -> Iterator[str]:
    for term, text in GLOSSARY:
        yield f"## {plain(term)}\n\n{plain(text)}\n"


def _schema(file: str) -> dict[str, Any]:
    path = importlib.resources.files("bufspec").joinpath(file)
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def _configuration() -> Iterator[str]:
    schema = _schema("project/configuration.schema.json")
    yield "| key | what it says |\n|---|---|"
    for key, one in schema["properties"].items():
        yield f"| `{key}` | {_values(one)}{plain(one['description'])} |"
        for inner, described in one.get("properties", {}).items():
            yield f"| `{key}.{inner}` | {_values(described)}{plain(described['description'])} |"
    yield ""


def _values(one: dict[str, Any]) -> str:
    return f"{', '.join(f'`{value}`' for value in one['enum'])}. " if "enum" in one else ""


def _record(name: str) -> Iterator[str]:
    schema = _schema(f"reports/schema/{name}.schema.json")
    if description := schema.get("description"):
        yield plain(description) + "\n"
    for event, one in schema["$defs"].items():
        if not one.get("properties"):
            continue
        yield f"### {plain(event)}\n"
        if one.get("description"):
            yield plain(one["description"]) + "\n"
        yield "| field | | what it is |\n|---|---|---|"
        for key, field in one["properties"].items():
            needed = "always" if key in one.get("required", ()) else ""
            yield f"| `{key}` | {needed} | {plain(_said(field))} |"
        yield ""


def _said(field: dict[str, Any]) -> str:
    """What a schema says of a field: its description, or else what it may hold."""
    if "description" in field:
        return str(field["description"])
    if "const" in field:
        return f"“{field['const']}”"
    if "enum" in field:
        return "one of " + ", ".join(map(str, field["enum"]))
    if "$ref" in field:
        return "see " + str(field["$ref"]).rpartition("/")[2]
    kind = field.get("type", "")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _decisions() -> Iterator[str]:
    for one in tables()["decisions"]:
        title, _, body = one["text"].partition("\n")
        # A page of the repository: its links lead nowhere here, so what they name stays as text.
        body = re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]*\)", r"\1", body)
        yield f"(decision-{one['name']})=\n## {title.lstrip('# ')}\n"
        yield re.sub(r"^(#+) ", r"#\1 ", body, flags=re.MULTILINE) + "\n"


def _clauses() -> Iterator[str]:
    for section, title in SECTIONS.items():
        yield f"## The {plain(title)}\n"
        yield "| clause | what it says | rules | state |\n|---|---|---|---|"
        for one in tables()["clauses"]:
            if one["section"] == section:
                rules = ", ".join(f"[{plain(rule)}](#{rule})" for rule in one["rules"])
                state = "; ".join([one["state"], *one["reasons"]])
                yield f"| {one['clause']} | {plain(one['says'])} | {rules} | {plain(state)} |"
        yield ""


MAKERS: dict[str, Callable[..., Iterator[str]]] = {
    "rules": _rules,
    "clauses": _clauses,
    "hints": _hints,
    "commands": _commands,
    "glossary": _glossary,
    "configuration": _configuration,
    "record": _record,
    "decisions": _decisions,
}
"""What can be made, by name."""
