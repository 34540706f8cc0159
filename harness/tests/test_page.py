"""Is the HTML page one file that loads nothing, and shows what records say as text, whatever it is?"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import tree_sitter
import tree_sitter_javascript
from bufspec.reports.page.failures import Failures
from bufspec.reports.page.page import page_text
from bufspec.tables.texts import rule_texts
from made_records import every_way, plain
from page_records import HOSTILE, RULE, failed, finished, foot, head, hostile_record


class Page(HTMLParser):
    """The elements of a page, the texts of its scripts and styles, and all that it says in between."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: dict[str, str] = {}
        self.said = ""
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = (dict(attrs).get("id") or tag) if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.blocks[self._inside] = self.blocks.get(self._inside, "") + data
        else:
            self.said += data


def page_of(events: list[dict[str, Any]]) -> tuple[str, Page]:
    text = "".join(page_text([events], [], rule_texts()))
    return text, Page(text)


def test_the_page_is_one_file_that_loads_nothing() -> None:
    _, page = page_of([head(["a"]), finished("a", breaks=0), foot(1, 0)])
    loading = {"src", "srcset", "data", "poster", "action", "background", "style"}
    for tag, attributes in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form"), tag
        assert not loading & set(attributes), (tag, attributes)
        assert not any(name.startswith("on") for name in attributes)
    assert "url(" not in page.blocks["style"]
    assert "@import" not in page.blocks["style"]
    assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|innerHTML|eval\(", page.blocks["script"])


def test_the_policy_allows_the_one_script_and_the_one_style() -> None:
    _, page = page_of([head(["a"]), finished("a", breaks=0), foot(1, 0)])
    (policy,) = [
        one["content"] for _, one in page.elements if one.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    said = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert said["default-src"] == "'none'"
    assert said["img-src"] == "data:"
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.blocks[kind].encode()).digest()).decode()
        assert said[f"{kind}-src"] == f"'sha256-{digest}'"
        plain = [one for tag, one in page.elements if tag == kind and one.get("type") is None]
        assert len(plain) == 1
    others = [one["type"] for tag, one in page.elements if tag == "script" and one.get("type")]
    assert set(others) == {"application/json"}


def test_every_script_is_javascript() -> None:
    # One that is not shows the plain list alone, which no test without a browser would notice.
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))
    reports = files("bufspec").joinpath("reports")
    scripts = [one for name in ("page", "site") for one in reports.joinpath(name, "assets").iterdir()]
    texts = {one.name: one.read_bytes() for one in scripts if one.name.endswith(".js")}
    assert texts
    assert [name for name, text in texts.items() if parser.parse(text).root_node.has_error] == []


def test_hostile_texts_are_shown_as_they_are() -> None:
    text, page = page_of(hostile_record())
    text.encode("utf-8")  # no lone surrogate
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", text)
    record = json.loads(page.blocks["record-0"])
    names = [one["name"] for one in record["subjects"]]
    assert names[0] == f"bad.0 {HOSTILE[0]}"
    assert names[3] == "bad.3 a\\u202eb\\u2066c"
    assert names[4] == "bad.4 nul\\x00 and \\x1b[31mred"
    assert names[5] == "bad.5 lone \\ud800 surrogate"
    assert names[7].endswith("(1,048,582 characters)")
    assert names[0] in page.said
    assert names[6] in page.said
    assert len(text) < 1 << 20
    # Of the elements of the page none is made by a text.
    assert "img" not in {tag for tag, _ in page.elements}
    assert [one.get("id") for tag, one in page.elements if tag == "script"] == ["record-0", "texts", None]


def test_of_many_failures_a_few_are_shown_and_all_are_counted() -> None:
    failures = [failed("a", "wrong", f"request.word_{number}") for number in range(40)]
    _, page = page_of([head(["a"]), *failures, finished("a", breaks=40), foot(1, 1)])
    (group,) = json.loads(page.blocks["record-0"])["groups"]
    assert group["total"] == 40
    assert [one["id"] for one in group["shown"]] == [f"request.word_{number}" for number in range(5)]
    assert group["shown"][0]["steps"] == ["acquire 0x000 (SIMPLE)", "release wrong"]


def test_the_first_failure_of_a_rule_has_a_picture_of_its_memory() -> None:
    arrays = {"shape": [2, 3], "strides": "NULL", "suboffsets": "NULL"}
    view = {"len": 24, "itemsize": 4, "readonly": 0, "ndim": 2, "format": "</svg><script>", **arrays}
    event = {**failed("a", "x"), "memory": {"view": view, "wrong": [1, 2]}}
    failures = Failures()
    failures.add(event)
    failures.add(event)
    (group,) = failures.packed({"a": 0})
    first, second = group["shown"]
    assert 'data-indices="1,2"' in first["picture"]
    assert "<script" not in first["picture"]
    assert "picture" not in second


def minimised(subject: str, rule: str | None, **more: str) -> dict[str, Any]:
    case = "request.word_0x000"
    steps = {"scenario": "acquire 0x000 (SIMPLE); release x", "replay": f"bufspec replay a/{case} x"}
    return {"event": "case-minimised", "subject": subject, "rule": rule, "case": case, **steps, **more}


def test_the_script_of_a_failure_stands_on_the_page_with_its_line_breaks() -> None:
    died = {**failed("a", "x"), "rule": None, "outcome": "crash"}
    failures = Failures()
    for event in (failed("a", "x"), died, failed("a", "x", "request.word_0x001")):
        failures.add(event)
    failures.minimise(minimised("a", RULE, script="one\ntwo\x1b\n"))
    failures.minimise(minimised("a", None, without_script="it is no \u202ebreak"))
    failures.minimise(minimised("nobody", RULE, script="other"))
    broken, death = failures.packed({"a": 0})
    assert [one.get("script") for one in broken["shown"]] == ["one\ntwo\\x1b\n", None]
    assert "smaller" not in broken["shown"][0]  # the same steps
    assert death["shown"][0]["without_script"] == "it is no \\u202ebreak"
    failures.minimise(minimised("a", None, script="x" * 30_000))
    assert "script" not in death["shown"][0]


def test_every_outcome_has_a_place_on_the_page() -> None:
    _, page = page_of(plain(every_way()))
    found = json.loads(page.blocks["record-0"])
    letters = {found["rules"][entry[0]]: entry[1:] for entry in found["subjects"][0]["rules"]}
    assert "".join(sorted(one[0] for one in letters.values())) == "cffffps"
    assert [found["texts"][one[4]] for one in letters.values() if one[0] == "f" and len(one) > 4] == [
        " (flaky: in 1 of 3 repeats)"
    ]
    assert {"crash", "hang", "exit", "raised", "death", "corrupt", "flaky"} <= {
        one["outcome"] for one in found["groups"]
    }


def test_what_was_measured_stands_on_the_page_in_words() -> None:
    cost = {"request_ns": 100, "release_ns": 20, "read_ns": 30}
    measured = {"bytes": 6, "own": cost, "bytearray": {**cost, "request_ns": 50}}
    _, page = page_of([head(["a"]), {**finished("a", breaks=0), "measured": measured}, foot(1, 0)])
    (subject,) = json.loads(page.blocks["record-0"])["subjects"]
    assert subject["costs"] == {"words": ["6", "100 ns (2.0x)", "20 ns (1.0x)", "30 ns (1.0x)"], "ratio": 2.0}
