"""A record as JUnit XML, which CI servers show: a suite for each subject, a test case for each rule.

A failure is what fails the run: a required rule that is broken, and nobody expected it; an error is a subject
that died or could not be judged.  Known failures and advice are skipped tests, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from bufspec.reports.checks import BROKEN, FLAKY, OUTDATED, PASSED, SKIPPED, Check, checks_of

FAILURES = (BROKEN, FLAKY, OUTDATED)
RUN = "bufspec run"
"""The suite of what is about no subject."""


def text_from_events(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The XML of a record, suite by suite."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="bufspec">\n'
    for subject, checks in checks_of(events):
        yield _suite(subject or RUN, checks)
    yield "</testsuites>\n"


def _suite(subject: str, checks: list[Check]) -> str:
    name = quoteattr(subject)
    ways = [_way(one) for one in checks]
    counts = " ".join(
        f'{key}="{ways.count(way)}"'
        for key, way in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    )
    cases = "".join(_case(name, one, way) for one, way in zip(checks, ways, strict=True))
    return f'<testsuite name={name} tests="{len(checks)}" {counts}>\n{cases}</testsuite>\n'


def _way(one: Check) -> str:
    """How a test that came to this is reported; empty if it passed."""
    if one.kind == PASSED:
        return ""
    if one.kind == SKIPPED or not one.fails:
        return "skipped"
    return "failure" if one.kind in FAILURES else "error"


def _case(subject: str, one: Check, way: str) -> str:
    head = f"  <testcase classname={subject} name={quoteattr(one.name)}"
    if not way:
        return f"{head}/>\n"
    message = quoteattr(_message(one))
    if way == "skipped":
        return f"{head}><skipped message={message}/></testcase>\n"
    details = escape("\n".join(f"{label}: {text}" for label, text in one.details))
    return f"{head}><{way} type={quoteattr(one.kind)} message={message}>{details}</{way}></testcase>\n"


def _message(one: Check) -> str:
    if one.is_known:
        return f"known failure: {one.because} {one.link}; {one.text}"
    return f"{one.level}, which binds nobody: {one.text}" if one.is_advice else one.text
