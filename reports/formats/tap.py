"""A record in the Test Anything Protocol, version 13: a line for each rule on each subject.

A known failure is a TODO, which may fail; advice is one, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bufspec.reports.checks import PASSED, SKIPPED, Check, checks_of


def text_from_events(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The lines of a record; the plan is the last of them."""
    yield "TAP version 13\n"
    number = 0
    for subject, checks in checks_of(events):
        for one in checks:
            number += 1
            yield _test(number, subject or "run", one)
    yield f"1..{number}\n"


def _test(number: int, subject: str, one: Check) -> str:
    name = f"{number} - {_plain(subject)}: {_plain(one.name)}"
    if one.kind == PASSED:
        return f"ok {name}\n"
    if one.kind == SKIPPED:
        return f"ok {name} # SKIP {_plain(one.text)}\n"
    if one.is_known:
        name += f" # TODO known failure: {_plain(one.because)}"
    elif one.is_advice:
        name += f" # TODO {one.level}, which binds nobody"
    rows = [("message", one.text), ("kind", one.kind), *one.details]
    stack = [text for label, text in rows if label == "stack"]
    shown = {label: text for label, text in rows if label != "stack"}
    # A JSON text is one of YAML, too, so that nothing in it is more than a text.
    lines = [f"  {label}: {json.dumps(text)}\n" for label, text in shown.items()]
    if stack:
        lines.append(f"  stack: {json.dumps(stack)}\n")
    return f"not ok {name}\n  ---\n{''.join(lines)}  ...\n"


def _plain(text: str) -> str:
    """Text in which nothing begins a directive: readers differ in what they take for an escape."""
    return text.replace("#", "\\x23")
