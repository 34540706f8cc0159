"""A record as SARIF 2.1.0, which code hosts show next to the source: a result for each broken rule.

What somebody expects is a suppressed result; what could not be judged is a notification of the run.  A result
has its place where the record knows the line that declares the subject.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from bufspec.reports.checks import (
    DIED,
    ERROR,
    FLAKY,
    INCOMPLETE,
    OUTDATED,
    PASSED,
    SKIPPED,
    UNDECIDED,
    Check,
    checks_of,
)
from bufspec.visible import visible_values

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "bufspec/v1"
PROTOCOL = "https://docs.python.org/3/c-api/buffer.html"
NOT_OF_A_RULE = {
    DIED: ("death", "Nothing that the protocol allows ends the process.", "error"),
    OUTDATED: ("expectation.outdated", "What is listed as a known failure still fails as listed.", "error"),
    UNDECIDED: ("undecided", "Enough of a subject can be tried to judge it.", "warning"),
}
Result = dict[str, Any]


def text_from_events(
    events: Iterable[dict[str, Any]], texts: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """The log of one run: its results, and then what the rules are that they name.

    `texts` are those of the rules, as the tables have them, for the documents that state each.
    """
    known = (texts or {}).get("rules", {})
    rules: dict[str, dict[str, Any]] = {}
    troubles: list[Result] = []
    yield f'{{\n"version": "2.1.0",\n"$schema": {json.dumps(SCHEMA)},\n"runs": [{{\n"results": ['
    comma = ""
    for _, checks in checks_of(events):
        for one in checks:
            if one.kind in (ERROR, INCOMPLETE):
                troubles.append(_notification(one))
            elif one.kind not in (PASSED, SKIPPED):
                yield f"{comma}\n{json.dumps(_result(one, rules, known))}"
                comma = ","
    head = visible_values(next(iter(events)))
    rest = {
        "tool": {"driver": _driver(head, list(rules.values()))},
        "invocations": [
            {
                "executionSuccessful": not troubles,
                "startTimeUtc": head["started"].replace("+00:00", "Z"),
                "toolExecutionNotifications": troubles,
            }
        ],
        "columnKind": "unicodeCodePoints",
        "properties": {key: head[key] for key in ("edition", "seed", "platform", "versions")},
    }
    yield f"\n],\n{json.dumps(rest, indent=1)[1:-1].strip()}\n}}]\n}}\n"


def _driver(head: dict[str, Any], rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": "bufspec",
        "fullName": "bufspec, a conformance suite for the Python buffer protocol",
        "version": head["versions"]["bufspec"],
        "informationUri": PROTOCOL,
        "rules": rules,
    }


def _result(one: Check, rules: dict[str, dict[str, Any]], known: Mapping[str, Any]) -> Result:
    id_, statement, level = NOT_OF_A_RULE.get(one.kind) or (one.name, "", _level(one))
    if one.kind == FLAKY and one.event and one.event["rule"] is None:
        id_, statement, level = NOT_OF_A_RULE[DIED]
    rule = rules.setdefault(id_, _rule(id_, statement, level, one, len(rules), known.get(id_)))
    result: Result = {
        "ruleId": id_,
        "ruleIndex": rule["properties"]["index"],
        "level": level,
        "message": {"text": f"{one.subject}: {one.text}"},
        "locations": [_location(one)],
        "partialFingerprints": {FINGERPRINT: _fingerprint(one, id_)},
        "properties": {"kind": one.kind, **dict(one.details)},
    }
    if one.is_known:
        result["suppressions"] = [{"kind": "external", "justification": f"{one.because} {one.link}".strip()}]
    return result


def _level(one: Check) -> str:
    return {"required": "error", "recommended": "warning"}.get(one.level, "note")


def _rule(
    id_: str, statement: str, level: str, one: Check, index: int, text_of: Mapping[str, Any] | None
) -> dict[str, Any]:
    said = dict(one.details)
    text = statement or said.get("statement") or id_
    fix = [f"How to follow it: {said['fix']}"] if "fix" in said and not statement else []
    sources = text_of["sources"] if text_of else []
    page = sources[0]["url"] if sources else PROTOCOL
    return {
        "id": id_,
        "name": "".join(part.capitalize() for part in id_.replace(".", "_").split("_")),
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},
        "help": {"text": "\n\n".join([text, *fix, *(map(_source, sources) if sources else [page])])},
        "helpUri": page,
        "defaultConfiguration": {"level": level},
        "properties": {"index": index, "tags": ["buffer-protocol", *filter(None, [said.get("impact")])]},
    }


def _source(source: Mapping[str, Any]) -> str:
    """A document that states a rule, in words, and where in it."""
    part = f", {source['part']}" if source["part"] else ""
    clauses = f" ({', '.join(source['clauses'])})" if source["clauses"] else ""
    return f"{source['title']}{part}{clauses}: {source['url']}"


def _location(one: Check) -> dict[str, Any]:
    logical = [{"fullyQualifiedName": one.subject or "run", "kind": "object"}]
    file, line = _place(one.where)
    if not file:
        return {"logicalLocations": logical}
    place = {"artifactLocation": {"uri": _uri(file)}, "region": {"startLine": line}}
    return {"physicalLocation": place, "logicalLocations": logical}


def _place(where: str) -> tuple[str, int]:
    """The file and the line of a place, which may have a column, too; no file if it is none."""
    parts = where.rsplit(":", 2)
    numbers = [int(part) for part in parts[1:] if part.isascii() and part.isdecimal() and len(part) < 10]
    file = ":".join(parts[: len(parts) - len(numbers)])
    return (file, numbers[0]) if numbers and numbers[0] else ("", 0)


def _uri(file: str) -> str:
    """A reference to a file: one with a scheme if it is no part of the folder where the run was."""
    return f"file://{quote(file)}" if file.startswith("/") else quote(file, safe="/")


def _fingerprint(one: Check, id_: str) -> str:
    """The same for the same fault in every run: what is found may differ, and lines move."""
    how = one.name if id_ == "death" else ""
    return hashlib.sha256("\0".join((id_, one.subject, how)).encode()).hexdigest()[:32]


def _notification(one: Check) -> Result:
    text = f"{one.subject}: {one.text}" if one.subject else one.text
    return {"level": "error", "message": {"text": text}, "descriptor": {"id": one.kind}}
