"""Does the page of reports work in a real browser: does it filter, show failures and pairs, copy a replay?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import chromium, shoot, unreadable, watched_page
from command_line import run

pytestmark = pytest.mark.nightly
VIEWS = ("", "rules", "pairs", "subject/stdlib.ctypes_array_2d", "rule/request.nd.shape_absent")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    subjects = ("stdlib.ctypes_array_2d", "stdlib.bytes", "stdlib.zlib_crc32")
    cases = ("--case", "request.word_0x01*", "--case", "consumer.reads_c*")
    run("check", *subjects, *cases, "--no-expectations", "--out", str(folder / "check"))
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_opens_and_can_be_read_by_all(page: Any, folder: Path, name: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    view(page, folder, name)
    shoot(page, f"report/{name.replace('/', '-') or 'overview'}-{scheme}")
    assert unreadable(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


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
    assert command.startswith("bufspec replay stdlib.ctypes_array_2d/request.word_0x01")


def test_a_cell_of_the_pairs_leads_to_what_happened(page: Any, folder: Path) -> None:
    view(page, folder, "pairs")
    page.locator("td.cell.fresh").first.click()
    detail = page.locator("#detail")
    detail.wait_for()
    assert "stdlib.connection_recv_bytes_into" in detail.inner_text()
    assert "consumer.fill.elements_right" in detail.inner_text()
