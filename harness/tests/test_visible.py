"""Is text of others shown so that it cannot pretend to be anything else, and kept as it is in records?"""

from __future__ import annotations

import ast
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from bufspec.errors import SelectionError
from bufspec.files.json_text import objects_of_lines
from bufspec.files.written import Lines
from bufspec.reports.formats.markdown import text_from_events
from bufspec.reports.formats.markdown_text import cell, code, link
from bufspec.reports.terminal.check import print_report
from bufspec.reports.terminal.console import plain_console
from bufspec.run.record import line_from_json
from bufspec.scripts.standalone import docstring
from bufspec.visible import visible, visible_values
from hostile_files.state_inputs import genuine

NASTY = {
    "an escape sequence": "\x1b]0;owned\x07\x1b[2J",
    "line breaks": "a\nb\rc\x0bd\x0ce",
    "NEL": "a\x85b",
    "a C1 sequence": "\x9b31m",
    "separators": "a\u2028b\u2029c",
    "bidi": "\u202eabc\u2066\u200f",
    "nothing wide": "a\u200bb\ufeff\xad",
    "a lone surrogate": "a\ud800b\udfff",
    "a tag": "\U000e0041",
    "NUL": "a\0b",
    "backticks": "a`b``c```",
    "Markdown": "[a](b) <b>&lt; | # *x* ~~y~~",
    "a markup of rich": "[bold][/bold][/nothing]",
    "quotes": '""" + evil() + """',
    "backslashes": "\\u12 \\",
    "accents": "\xe9\u4e2d\U0001f600",
}


def test_what_cannot_be_seen_is_an_escape_and_the_rest_is_as_it_was() -> None:
    assert visible("\x1b[1m\n\x85\u202e\ud800\U000e0041") == r"\x1b[1m\n\x85\u202e\ud800\U000e0041"
    assert visible("plain \xe9\u4e2d\U0001f600 `|\\") == "plain \xe9\u4e2d\U0001f600 `|\\"
    assert visible_values({"\n": ["\t", 1, None]}) == {"\\n": ["\\t", 1, None]}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_every_text_of_a_record_comes_back(text: str, tmp_path: Path) -> None:
    event = {"event": "case-failed", "subject": text, text: [text]}
    line = line_from_json(event)
    assert line.count("\n") == 1 and len(line.splitlines()) == 1
    with Lines(tmp_path / "record") as lines:
        lines.write(line)
        lines.write(line)
    assert list(objects_of_lines(tmp_path / "record")) == [(1, event), (2, event)]


def hostile_record(text: str) -> list[dict[str, Any]]:
    """A record of which every text that a subject chooses, and many more, are this one."""
    events = [json.loads(line) for line in genuine().record.decode().splitlines()]
    for event in events:
        for key in ("subject", "case", "replay", "found", "expected", "statement", "hint", "platform"):
            if key in event:
                event[key] = text
        if event["event"] == "run-started":
            event["versions"][text] = text
        if event["event"] == "subject-finished":
            event |= {"error": text, "notes": [text]}
    return events


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_no_report_prints_what_cannot_be_seen(text: str) -> None:
    events = hostile_record(text)
    for verbose in (False, True):
        out = io.StringIO()
        print_report(plain_console(out), events, verbose=verbose)
        assert all(line.isprintable() for line in out.getvalue().split("\n"))
        assert visible(text).split(" ")[0] in out.getvalue()
    out = io.StringIO()
    out.writelines(text_from_events(events))
    assert all(line.isprintable() for line in out.getvalue().split("\n"))


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_an_error_is_three_lines_whatever_it_names(text: str) -> None:
    lines = SelectionError(text, where=text, hint=text).render().split("\n")
    assert [line[:8] for line in lines] == ["error: " + lines[0][7], "  where:", "  hint: "]
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("text", ["a", "`", "``a", "a```b`", " a ", "a|b", "````"])
def test_code_in_markdown_ends_where_it_should(text: str) -> None:
    shown = code(text)
    fence = re.match("`+", shown)
    assert fence is not None
    inside = shown.removeprefix(fence[0]).removesuffix(fence[0])
    assert len(fence[0]) not in [len(run) for run in re.findall("`+", inside)]
    assert inside.strip(" ") == text.strip(" ")
    assert "|" not in cell(text).replace("\\|", "")


def test_only_an_address_of_the_web_is_alink() -> None:
    assert link("https://example.org/1") == "<https://example.org/1>"
    for text in ("javascript:alert(1)", "https://example.org/> <b>", "https://a b", "https://a\\x1b"):
        assert not link(text).startswith("<")


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_a_text_in_a_script_is_nothing_but_a_literal(text: str) -> None:
    (statement,) = ast.parse(docstring(text + "\n")).body
    assert isinstance(statement, ast.Expr)
    assert ast.literal_eval(statement.value).replace("\n", "") == visible(text).replace("\\n", "")
