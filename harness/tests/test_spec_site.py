"""Does the guide show every rule and table, as valid pages that load nothing and lead nowhere wrong?"""

from __future__ import annotations

import copy
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from bufspec.reports.site import introduction
from bufspec.reports.site.decisions import decision_pages
from bufspec.reports.site.site import LIFETIME, site_files
from bufspec.spec.guide import OWED, guide
from bufspec.spec.tables import Spec
from command_line import run

ROOT = Path(__file__).resolve().parents[2]


class Read(HTMLParser):
    """The ids, the links and the loaded files of one page, and what a strict policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.refused: list[str] = []
        self.pictures = 0
        self.text: list[str] = []

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name == "style" or name.startswith("on"):
                self.refused.append(f"{tag} {name}")
        known = dict(attrs)
        if tag == "a":
            self.links.append(known.get("href") or "")
        if tag in ("script", "img", "iframe", "link"):
            self.loaded.append(known.get("src") or known.get("href") or "")
        self.refused += [tag] if tag == "style" or (tag == "script" and "src" not in known) else []
        self.pictures += tag == "svg"


@pytest.fixture(scope="module")
def spec() -> Spec:
    return Spec.load(ROOT / "spec")


@pytest.fixture(scope="module")
def values(spec: Spec) -> dict[str, Any]:
    return guide(spec)


@pytest.fixture(scope="module")
def files(values: dict[str, Any]) -> dict[str, str]:
    return dict(site_files(values))


@pytest.fixture(scope="module")
def pages(files: dict[str, str]) -> dict[str, Read]:
    read = {}
    for name, text in files.items():
        if name.endswith(".html"):
            read[name] = Read()
            read[name].feed(text)
    return read


@pytest.mark.slow
def test_every_rule_clause_question_difference_and_layout_has_its_place(
    spec: Spec, pages: dict[str, Read]
) -> None:
    for rule in spec.rules:
        assert rule.id in pages[f"area-{rule.id.split('.')[0]}.html"].ids
    assert {one for ids in spec.clauses.values() for one in ids} <= set(pages["clauses.html"].ids)
    assert set(spec.ambiguities) <= set(pages["ambiguities.html"].ids)
    said = {one.id for rule in spec.rules for one in rule.differences}
    assert said
    assert said <= set(pages["editions.html"].ids)
    assert {one.name for one in spec.layouts} <= set(pages["layouts.html"].ids)
    assert pages["layouts.html"].pictures == len(spec.layouts)


def test_the_statement_of_every_rule_is_read_on_its_page(spec: Spec, pages: dict[str, Read]) -> None:
    texts = {name: " ".join("".join(page.text).split()) for name, page in pages.items()}
    for rule in spec.rules:
        assert " ".join(rule.statement.split()) in texts[f"area-{rule.id.split('.')[0]}.html"], rule.id


def test_no_link_inside_the_guide_is_broken_and_no_id_stands_twice(
    files: dict[str, str], pages: dict[str, Read]
) -> None:
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                assert parts.scheme == "https", f"{name}: {link}"
                continue
            target = parts.path or name
            assert target in files, f"{name}: {link}"
            if parts.fragment:
                assert unquote(parts.fragment) in pages[target].ids, f"{name}: {link}"


def test_every_entry_of_the_search_leads_somewhere(
    spec: Spec, files: dict[str, str], pages: dict[str, Read]
) -> None:
    text = files["search-index.js"]
    entries = json.loads(text.removeprefix("const searchIndex = ").removesuffix(";\n"))
    for kind, title, href, _ in entries:
        file, _, anchor = href.partition("#")
        assert anchor in pages[file].ids, f"{kind} {title}: {href}"
    titles = {title for kind, title, _, _ in entries if kind == "rule"}
    assert titles == {rule.id for rule in spec.rules}


def test_each_page_loads_only_what_lies_beside_it(files: dict[str, str], pages: dict[str, Read]) -> None:
    for name, page in pages.items():
        assert page.refused == [], name
        assert set(page.loaded) == {"style.css", "search-index.js", "search.js"}, name
        assert set(page.loaded) <= set(files)
    assert not re.search(r"url\(|@import|https?:", files["style.css"])


@pytest.mark.parametrize("name", ["area-flag.html", "search.html", "glossary.html"])
def test_a_page_is_valid_html(files: dict[str, str], name: str) -> None:
    import html5lib  # not there where this file is only read

    html5lib.HTMLParser(strict=True).parse(files[name])


@pytest.mark.nightly
def test_all_pages_are_valid_html(files: dict[str, str]) -> None:
    import html5lib

    for text in (text for name, text in files.items() if name.endswith(".html")):
        html5lib.HTMLParser(strict=True).parse(text)


def test_a_link_that_leads_nowhere_in_the_guide_ends_as_it_begins() -> None:
    text = "# One\n\nAs [two](two.md), and [elsewhere](https://example.org/)."
    (page,) = decision_pages([{"name": "one", "text": text}])
    assert "<span>two</span>" in page["body"]
    assert '<a href="https://example.org/">elsewhere</a>' in page["body"]


def test_words_of_the_introduction_leave_nothing_out(spec: Spec, values: dict[str, Any]) -> None:
    assert {rule.id for rule in spec.rules} >= {*LIFETIME}
    assert list(introduction.FLAG_WORDS) == [flag.name for flag in spec.flags]
    names = {one.name for one in spec.classes}
    assert set(introduction.CLASS_WORDS) == set(introduction.CLASS_TEXTS) == names
    assert set(introduction.LEVELS) == {rule.level for rule in spec.rules}
    fields = json.loads((ROOT / "reports/schema/finding.schema.json").read_text())["$defs"]["fields"]
    assert {one.name for one in introduction.FIELDS} == set(fields["items"]["enum"])
    holds = {str(one["fields"][name]["holds"]) for one in values["owed"] for name in OWED}
    assert holds <= set(introduction.HOLDS)


@pytest.mark.slow
def test_what_a_table_says_is_shown_as_text(values: dict[str, Any]) -> None:
    values = copy.deepcopy(values)
    evil = "<script>alert(1)</script>\"'{{ 7 * 7 }}</style>"
    values["areas"][0]["parts"][0]["rules"][0]["statement"] = evil
    values["layouts"][0]["note"] = evil
    values["decisions"] = [{"name": "evil", "text": f"# {evil}\n\n{evil} [x](javascript:alert(1))"}]
    for name, text in site_files(values):
        if name.endswith(".html"):
            page = Read()
            page.feed(text)
            assert page.refused == [], name
            assert not [link for link in page.links if link.startswith("javascript")]


@pytest.mark.slow
def test_the_command_writes_the_guide(tmp_path: Path, files: dict[str, str]) -> None:
    done = run("spec", "site", str(tmp_path / "guide"))
    assert (done.returncode, "index.html" in done.stdout) == (0, True)
    assert {one.name for one in (tmp_path / "guide").iterdir()} == set(files)
    (tmp_path / "file").write_text("")
    assert run("spec", "site", str(tmp_path / "file" / "guide")).returncode in (2, 3)
