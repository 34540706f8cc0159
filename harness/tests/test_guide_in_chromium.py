"""Does the guide work in a real browser, from a folder: without errors, by keyboard, for all readers?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bufspec.reports.site.site import site_files
from bufspec.spec.guide import guide
from bufspec.spec.tables import Spec
from chromium import ROOT, chromium, refuse_unreadable, stops, watched_page

pytestmark = pytest.mark.nightly
PAGES = (
    *("index", "requests", "rules", "area-request", "area-consumer", "layouts", "formats", "clauses"),
    *("editions", "ambiguities", "decisions", "glossary", "search"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guide")
    for name, text in site_files(guide(Spec.load(ROOT / "spec"))):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Any, folder: Path) -> Iterator[Any]:
    with watched_page(browser, folder) as page:
        yield page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_and_can_be_read_by_all(page: Any, folder: Path, name: str) -> None:
    page.goto(f"{folder.as_uri()}/{name}.html")
    refuse_unreadable(page, f"guide/{name}")


@pytest.mark.parametrize("name", ["index", "requests", "rules", "clauses", "search"])
def test_the_tab_key_shows_where_it_is(page: Any, folder: Path, name: str) -> None:
    page.goto(f"{folder.as_uri()}/{name}.html")
    found = stops(page, most=60)
    assert [one for one, is_seen in found if not is_seen] == []
    assert [one for one, _ in found if not one] == []


def test_a_clause_is_found_by_keyboard(page: Any, folder: Path) -> None:
    page.goto(f"{folder.as_uri()}/layouts.html")
    page.keyboard.press("/")
    page.keyboard.type("C-REQ-12")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=C-REQ-12")
    assert "found" in page.locator("#said").inner_text()
    page.locator("#results a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/clauses.html#C-REQ-12")
    assert "request.f_contiguous.refused_if_not" in page.locator("tr:target").inner_text()


def test_results_change_while_one_types(page: Any, folder: Path) -> None:
    page.goto(f"{folder.as_uri()}/search.html")
    page.locator("#find").fill("no such thing as this")
    assert page.locator("#said").inner_text() == "Nothing is found"
    page.locator("#find").fill("suboffsets pointer")
    assert page.locator("#results li").count() > 3


def test_pages_fit_a_very_narrow_screen_and_paper(page: Any, folder: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for name in PAGES:
        page.goto(f"{folder.as_uri()}/{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    page.emulate_media(media="print")
    assert not page.locator(".finder").is_visible()
