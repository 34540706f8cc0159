"""What can be found in the guide?  An entry for each rule, clause, question, layout, decision and word."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bufspec.reports.site.glossary import GLOSSARY

Entry = tuple[str, str, str, str]
"""The kind, the title, the address and the text of what can be found."""
LONGEST = 400


def slug(text: str) -> str:
    """A text as the id of an anchor."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def search_index(guide: Mapping[str, Any], href: Callable[[str], str]) -> list[Entry]:
    """The entries, in the order of the guide."""
    entries: list[Entry] = []
    statements: dict[str, str] = {}
    for area in guide["areas"]:
        for part in area["parts"]:
            for rule in part["rules"]:
                statements[rule["id"]] = rule["statement"]
                entries.append(("rule", rule["id"], href(rule["id"]), rule["statement"]))
    for one in guide["clauses"]:
        said = " ".join([one["says"], *(statements[id_] for id_ in one["rules"])])
        entries.append(("clause", one["clause"], href(one["clause"]), said[:LONGEST]))
    for one in guide["ambiguities"]:
        said = " ".join(statements[id_] for id_ in one["rules"])
        entries.append(("left open", one["id"], href(one["id"]), said[:LONGEST]))
    for one in guide["differences"]:
        said = " ".join(side["statement"] for side in one["sides"].values())
        entries.append(("difference", one["id"], href(one["id"]), said[:LONGEST]))
    for one in guide["layouts"]:
        entries.append(("layout", one["name"], f"layouts.html#{one['name']}", one["note"]))
    for one in guide["flags"]:
        entries.append(("flag", one["name"], "index.html#flags", f"{one['value']:#05x}"))
    for one in guide["decisions"]:
        text = re.sub(r"[*`#]", "", one["text"])
        title, _, rest = text.strip().partition("\n")
        entries.append(("decision", title.strip(), f"decisions.html#{one['name']}", rest.strip()[:LONGEST]))
    for term, text in GLOSSARY:
        entries.append(("word", term, f"glossary.html#{slug(term)}", text))
    return entries
