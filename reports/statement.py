"""What does a conformance statement say, and does it still hold?  As values, and as Markdown made of them.

A statement is made of a complete record and nothing else, so that whoever has the record can make it again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bufspec.reports.counting import counted
from bufspec.reports.formats.markdown_text import cell, code, escaped, link
from bufspec.reports.profile import profile_of, profile_words
from bufspec.visible import visible_values

KIND = "bufspec conformance statement"
VERSION = 1
DIGEST = "digest"
"""The field that holds for all others."""
COUNTED = ("subjects", "conforming", "breaking", "undecided", "rules_broken", "deaths", "cases", "answers")
BEGIN, END = "```json\n", "```\n"
"""What stands around the values in Markdown."""
Values = dict[str, Any]
Event = dict[str, Any]


def statement_of(events: Iterable[Event], record: str) -> Values:
    """The statement of a complete record whose file has this digest."""
    head: Event = {}
    foot: Event = {}
    deaths: list[Event] = []
    subjects: list[Values] = []
    for event in events:
        match event["event"]:
            case "run-started":
                head = event
            case "case-failed" if event["rule"] is None:
                deaths.append(event)
            case "subject-finished":
                subjects.append(_subject(event, deaths))
                deaths = []
            case "run-finished":
                foot = event
    return sealed(
        {
            "statement": KIND,
            "version": VERSION,
            "edition": head["edition"],
            "versions": head["versions"],
            "platform": head["platform"],
            "started": head["started"],
            "seed": head["seed"],
            "tables": head["tables"],
            "record": record,
            **({"plan": head["plan"]} if "plan" in head else {}),
            "rules": head["rules"],
            "filtered": bool(head.get("selection", {}).get("filtered")),
            "counts": {name: foot[name] for name in COUNTED},
            "profiles": dict(Counter(one["profile"] for one in subjects)),
            "subjects": subjects,
        }
    )


def sealed(values: Values) -> Values:
    """The values with the digest of the others."""
    body = {name: value for name, value in values.items() if name != DIGEST}
    text = json.dumps(body, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return {**body, DIGEST: hashlib.sha256(text.encode("ascii")).hexdigest()}


def _subject(event: Event, deaths: list[Event]) -> Values:
    broken = {id_: rule for id_, rule in event["rules"].items() if rule["failed"]}
    said: Values = {
        "subject": event["subject"],
        "target": event["target"],
        "conforms": event["conforms"],
        "profile": profile_of(event),
    }
    if words := profile_words(event):
        said["does"] = words
    known = [_known(id_, rule) for id_, rule in broken.items() if rule["verdict"] != "news"]
    known += [_known(one["outcome"], one) for one in deaths if one["verdict"] != "news"]
    news = [_news(id_, rule) for id_, rule in broken.items() if rule["verdict"] == "news"]
    news += [_news(one["outcome"], one) for one in deaths if one["verdict"] == "news"]
    undecided = event.get("undecided")
    for name, value in (
        ("known_failures", known),
        ("new_failures", news),
        ("undecided", undecided and undecided["reason"]),
        ("error", event.get("error")),
    ):
        if value:
            said[name] = value
    return said


def _known(what: str, event: Mapping[str, Any]) -> Values:
    return {**_news(what, event), "because": event["because"], "link": event["link"]}


def _news(what: str, event: Mapping[str, Any]) -> Values:
    """A broken rule with how often it was broken, or the end of a process with its case."""
    if "failed" in event:
        return {"rule": what, "level": event["level"], "cases": event["cases"], "failed": event["failed"]}
    return {"outcome": what, "case": event["case"]}


def differences(said: Any, found: Any, at: str = "") -> Iterator[str]:
    """The fields in which what was said is not what was found: "counts.cases: says 3, is 4"."""
    if isinstance(said, Mapping) and isinstance(found, Mapping):
        for name in dict.fromkeys((*found, *said)):
            where = f"{at}.{name}" if at else str(name)
            if name not in said:
                yield f"{where}: missing, is {_short(found[name])}"
            elif name not in found:
                yield f"{where}: says {_short(said[name])}, is missing"
            else:
                yield from differences(said[name], found[name], where)
    elif isinstance(said, list) and isinstance(found, list):
        if len(said) != len(found):
            yield f"{at}: says {counted(len(said), 'value')}, has {len(found)}"
        for number, (one, other) in enumerate(zip(said, found, strict=False)):
            yield from differences(one, other, f"{at}[{number}]")
    elif type(said) is not type(found) or said != found:
        yield f"{at}: says {_short(said)}, is {_short(found)}"


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else text[:77] + "..."


def within_itself(said: Values) -> Iterator[str]:
    """The fields that do not fit the others, as far as that is known without the record."""
    yield from differences({DIGEST: said.get(DIGEST)}, {DIGEST: sealed(said)[DIGEST]})
    subjects = said["subjects"]
    verdicts = [one["conforms"] for one in subjects]
    counts = {
        "subjects": len(subjects),
        "conforming": verdicts.count(True),
        "breaking": verdicts.count(False),
        "undecided": sum("undecided" in one for one in subjects),
    }
    yield from differences({name: said["counts"].get(name) for name in counts}, counts, "counts")
    profiles = dict(Counter(one["profile"] for one in subjects))
    yield from differences(said["profiles"], profiles, "profiles")


def markdown_of(values: Values) -> str:
    """The statement for people, with the values at its end."""
    return "".join(f"{line}\n" for line in _lines(visible_values(values))) + (
        f"\n## The statement as values\n\n{BEGIN}{json.dumps(values, indent=2, ensure_ascii=True)}\n{END}"
    )


def values_in(markdown: str) -> str | None:
    """The JSON of the values in a statement as Markdown; None if there is none."""
    before, begin, rest = markdown.rpartition(BEGIN)
    text, end, _ = rest.partition(END)
    return text if begin and end and before else None


def _lines(values: Values) -> Iterator[str]:
    counts = values["counts"]
    versions = ", ".join(f"{name} {version}" for name, version in values["versions"].items())
    yield "# Conformance to the Python buffer protocol"
    yield ""
    yield f"{counts['conforming']:,} of {counts['subjects']:,} subjects conform."
    yield ""
    rows = {
        "edition": values["edition"],
        "versions": versions,
        "platform": values["platform"],
        "judged": f"{values['started']}, seed {values['seed']}",
        "rules": f"{values['rules']:,}, in {counts['cases']:,} cases, by {counts['answers']:,} answers",
        "tables (SHA-256)": values["tables"],
        "record (SHA-256)": values["record"],
        "statement (SHA-256)": values[DIGEST],
    }
    yield "| | |"
    yield "|---|---|"
    for name, text in rows.items():
        yield f"| {name} | {escaped(str(text))} |"
    yield ""
    if values["filtered"]:
        yield from ("Rules or cases were left out: this says nothing of them.", "")
    yield "| subject | conforms | profile | |"
    yield "|---|---|---|---|"
    for one in values["subjects"]:
        conforms = {True: "yes", False: "no", None: "not judged"}[one["conforms"]]
        yield f"| {cell(one['subject'])} | {conforms} | {one['profile']} | {escaped(one.get('does', ''))} |"
    yield from _failures(values, "known_failures", "Known failures")
    yield from _failures(values, "new_failures", "New failures")
    unjudged = [one for one in values["subjects"] if "undecided" in one or "error" in one]
    if unjudged:
        yield from ("", "## Not judged", "")
    for one in unjudged:
        yield f"- {code(one['subject'])}: {escaped(one.get('undecided') or one['error'])}"
    yield ""
    yield "Check it again: `bufspec statement verify FILE [DIR]`, where DIR has the record."


def _failures(values: Values, key: str, title: str) -> Iterator[str]:
    found = [(one["subject"], each) for one in values["subjects"] for each in one.get(key, ())]
    found.sort(key=lambda one: one[1].get("level", "required") != "required")  # what counts most comes first
    if found:
        yield from ("", f"## {title}", "")
    for subject, one in found:
        what = code(one.get("rule") or one["outcome"])
        if "rule" in one:
            extent = f"{one['level']}, {one['failed']:,} of {counted(one['cases'], 'case')}"
        else:
            extent = f"in {one['case'] or 'no case'}"
        why = f": {escaped(one['because'])} {link(one['link'])}" if "because" in one else ""
        yield f"- {code(subject)}, {what} ({escaped(extent)}){why}"
