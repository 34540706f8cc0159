"""Does the page of reports work in a real browser: does it filter, show failures and pairs, copy a replay?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from bufspec.reports.page.gathered import gathered
from bufspec.reports.page.page import page_text
from bufspec.tables.texts import rule_texts
from chromium import chromium, refuse_unreadable, stops, unreadable, watched_page
from command_line import run
from page_records import failed, finished, foot, head, hostile_record

pytestmark = pytest.mark.nightly
VIEWS = ("", "rules", "pairs", "subject/stdlib.ctypes_array_2d", "rule/request.nd.shape_absent")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    subjects = ("stdlib.ctypes_array_2d", "stdlib.bytes", "stdlib.zlib_crc32")
    cases = ("--case", "request.word_0x01*", "--case", "consumer.reads_c*")
    more = ("--minimise", "--measure", "--no-expectations", "--out", str(folder / "check"))
    run("check", *subjects, *cases, *more)
    exporters = ("--exporters", "stdlib.array_[uh]", "--exporters", "stdlib.bytes")
    consumers = ("--consumers", "stdlib.connection_recv_bytes_into", "--consumers", "stdlib.zlib_crc32")
    run("pairs", *exporters, *consumers, "--no-expectations", "--out", str(folder / "pairs"))
    html = str(folder / "report.html")
    assert run("report", str(folder / "check"), str(folder / "pairs"), "--html", html).returncode == 0
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Any, folder: Path) -> Iterator[Any]:
    with watched_page(browser, folder) as page:
        page.goto(f"{folder.as_uri()}/report.html")
        yield page


def view(page: Any, folder: Path, name: str) -> None:
    page.goto("about:blank")
    page.goto(f"{folder.as_uri()}/report.html#/{name}")


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_opens_and_can_be_read_by_all(page: Any, folder: Path, name: str) -> None:
    view(page, folder, name)
    refuse_unreadable(page, f"report/{name.replace('/', '-') or 'overview'}")


@pytest.mark.parametrize("name", VIEWS)
def test_the_tab_key_shows_where_it_is_and_comes_to_what_can_be_used(
    page: Any, folder: Path, name: str
) -> None:
    view(page, folder, name)
    found = stops(page)
    assert [one for one, is_seen in found if not is_seen] == []
    assert [one for one, _ in found if not one] == []
    usable = {"": "Find a subject", "rules": "Find a rule", "pairs": "Find a consumer"}.get(name)
    assert usable is None or usable in [one for one, _ in found]
    assert found[0][0] == "Skip to the content"


def test_the_cells_of_the_pairs_are_reached_and_opened_by_keyboard(page: Any, folder: Path) -> None:
    view(page, folder, "pairs")
    cells = page.locator("table.matrix tbody tr").first.locator("td")
    assert page.locator("table.matrix td[tabindex='0']").count() == 1
    page.locator("table.matrix td[tabindex='0']").focus()
    for key, at in (("End", cells.count() - 1), ("Home", 0), ("ArrowRight", 1), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        assert cells.nth(at).evaluate("(cell) => cell === document.activeElement"), key
    page.keyboard.press("ArrowDown")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    page.locator("#pair").wait_for()
    assert page.evaluate("document.activeElement.id") == "pair"
    # Back in the table the key is where it was.
    assert page.locator("table.matrix td[tabindex='0']").get_attribute("aria-label") == name


def test_subjects_are_filtered(page: Any, folder: Path) -> None:
    view(page, folder, "")
    table = page.locator("table.subjects")
    assert "stdlib.bytes" in table.inner_text()
    page.get_by_label("Find a subject").fill("ctypes")
    page.wait_for_function("!document.querySelector('table.subjects').innerText.includes('stdlib.bytes')")
    assert "stdlib.ctypes_array_2d" in table.inner_text()


def test_a_broken_rule_has_its_picture_and_its_replay_is_copied(page: Any, folder: Path) -> None:
    view(page, folder, "subject/stdlib.ctypes_array_2d")
    picture = page.locator("svg.memory-picture").first
    assert picture.is_visible()
    assert picture.locator(".element").count() == 6
    page.locator("button.copy").first.click()
    page.wait_for_function(
        "['Copied', 'Selected'].includes(document.querySelector('button.copy').textContent)"
    )
    command = page.locator(".command code").first.inner_text()
    assert command.startswith("bufspec replay stdlib.ctypes_array_2d/")


def test_the_script_of_a_failure_is_shown_and_copied(page: Any, folder: Path) -> None:
    view(page, folder, "subject/stdlib.ctypes_array_2d")
    page.get_by_text("Script that shows it without bufspec").first.click()
    script = page.get_by_role("group", name="the script").first
    assert script.inner_text().startswith('"""request.')
    assert "\n    expected  " in script.inner_text()
    page.get_by_role("button", name="Copy the script").first.click()
    page.wait_for_function(
        "/^(Copied|Selected)$/.test(document.querySelector('details[open] details[open] .copy').textContent)"
    )
    assert unreadable(page) == []


def test_what_subjects_cost_is_listed(page: Any, folder: Path) -> None:
    view(page, folder, "")
    assert "ns (" in page.get_by_role("group", name="Costs").inner_text()


def test_the_page_over_time_can_be_read_by_all(page: Any, folder: Path) -> None:
    file = folder / "trend.html"
    assert run("trend", str(folder / "check"), str(folder / "check"), "--html", str(file)).returncode == 0
    page.goto(file.as_uri())
    assert page.locator("svg.plot circle").count() == 4
    refuse_unreadable(page, "trend")


def test_a_cell_of_the_pairs_leads_to_what_happened(page: Any, folder: Path) -> None:
    view(page, folder, "pairs")
    page.locator("td.cell.fresh").first.click()
    detail = page.locator("#detail")
    detail.wait_for()
    assert "stdlib.connection_recv_bytes_into" in detail.inner_text()
    assert "consumer.fill.elements_right" in detail.inner_text()
    refuse_unreadable(page, "report/pair")


def made_page(folder: Path, *records: list[dict[str, Any]]) -> str:
    file = folder / f"made_{len(records)}_{len(records[0])}.html"
    file.write_text("".join(page_text(records, [], rule_texts())), encoding="utf-8")
    return file.as_uri()


def test_ten_thousand_failures_open_within_two_seconds(page: Any, folder: Path) -> None:
    names = [f"many.subject_{number}" for number in range(2000)]
    events = [head(names)]
    for name in names:
        events += [failed(name, "a wrong length", f"request.word_{number:#05x}") for number in range(5)]
        events.append(finished(name, breaks=5))
    address = made_page(folder, [*events, foot(len(names), len(names))])
    begun = time.monotonic()
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    took = time.monotonic() - begun
    assert took < 2.0
    assert page.locator("table.subjects tbody tr").count() == 100
    page.get_by_label("Find a subject").fill("subject_1999")
    page.get_by_role("link", name="many.subject_1999").click()
    page.get_by_text("broken here").first.wait_for()


def test_hostile_texts_stay_texts_in_every_view(page: Any, folder: Path) -> None:
    events = hostile_record()
    address = made_page(folder, events)
    for name in [one["name"] for one in gathered(events)["subjects"]]:
        page.goto("about:blank")
        page.goto(f"{address}#/subject/{quote(name, safe='')}")
        page.wait_for_selector("body[data-ready]")
        assert page.locator("h1").inner_text() == name
        assert page.locator("main img, main script").count() == 0
    refuse_unreadable(page, "report/hostile")


def test_what_changed_between_two_runtimes_is_listed(page: Any, folder: Path) -> None:
    old = [head(["a"]), finished("a", breaks=0), foot(1, 0)]
    new = [head(["a"]), failed("a", "wrong"), finished("a"), foot(1, 1)]
    page.goto(made_page(folder, old, new) + "#/runtimes")
    assert "a field.len.product: broken now" in page.locator("main").inner_text()
    refuse_unreadable(page, "report/runtimes")
