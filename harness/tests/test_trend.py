"""Does a trend show what changed from record to record, once and in the order of the runs?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bufspec.reports.page.trend import plot_of, trend_page
from bufspec.reports.trend import Line, Run, lines_of, run_of
from command_line import run
from made_shards import made_shards

Change = Callable[[dict[str, Any]], object]


def ran(day: int, change: Change | None = None, **versions: str) -> Run:
    """A record of that day, of a subject that breaks nothing unless changed, and of one that never does."""
    rules = {
        name: {"outcome": "pass", "cases": 9, "failed": 0, "level": "required"} for name in ("a.b.c", "d.e.f")
    }
    events: list[dict[str, Any]] = [
        {
            "event": "run-started",
            "started": f"2026-01-{day:02}T00:00:00+00:00",
            "versions": {"bufspec": "1", "CPython": "3.12", "package": "1", **versions},
        }
    ]
    for name in ("package.one", "package.two"):
        ended: dict[str, Any] = {"event": "subject-finished", "subject": name, "target": "exporter"}
        ended |= {"conforms": True, "rules": json.loads(json.dumps(rules)), "answers": 1, "deaths": 0}
        ended |= {"cases": 1, "cases_skipped": 0}
        if change and name == "package.one":
            change(ended)
        events.append(ended)
    events.append({"event": "run-finished", "complete": True})
    return run_of(f"day{day}", events)


def breaks(ended: dict[str, Any]) -> None:
    ended["conforms"] = False
    ended["rules"]["a.b.c"].update(outcome="fail", failed=2, verdict="news")


def of_one(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.subject == "package.one"]


def test_a_line_for_each_version_with_what_changed_whatever_the_order() -> None:
    runs = [ran(4, package="3"), ran(2), ran(3, breaks, package="2"), ran(1)]
    found = of_one(lines_of(runs))
    assert [line.version for line in found] == ["package 1", "package 2", "package 3"]
    assert [line.records for line in found] == [2, 1, 1]
    assert [line.changes for line in found] == [[], ["breaks a.b.c"], ["keeps a.b.c"]]
    assert [line.verdict for line in found] == ["conforms", "breaks 1 rule", "conforms"]
    others = [line for line in lines_of(runs) if line.subject == "package.two"]
    assert [line.changes for line in others] == [[], [], []]


def test_what_changes_without_a_new_version_has_a_line_and_says_with_what() -> None:
    found = of_one(lines_of([ran(1), ran(2, breaks, CPython="3.13"), ran(3, breaks, CPython="3.13")]))
    assert [line.changes for line in found] == [[], ["breaks a.b.c", "with CPython 3.13"]]
    assert found[1].records == 2 and found[1].when == "2026-01-02 to 2026-01-03"


def test_a_subject_that_goes_and_comes_is_noticed() -> None:
    gone = ran(2)
    gone = Run(
        gone.name,
        gone.started,
        gone.versions,
        gone.is_complete,
        {"package.two": gone.subjects["package.two"]},
    )
    found = of_one(lines_of([ran(1), gone, ran(3)]))
    assert [line.changes for line in found] == [[], ["no longer in the run"], ["in the run again"]]


def test_the_plot_has_a_point_for_each_number_of_the_table() -> None:
    runs = [ran(1), ran(2, breaks), ran(3)]
    plot = plot_of(runs)
    for line, numbers in zip(plot["lines"], ([0, 1, 0], [0, 1, 0]), strict=True):
        assert [value for _, _, value, _ in line["points"]] == numbers
        heights = [y for _, y, _, _ in line["points"]]
        assert heights[0] == heights[2] == plot["base"] > heights[1]
        across = [x for x, _, _, _ in line["points"]]
        assert across == sorted(across) and across[-1] <= plot["right"]
    assert len(plot_of([ran(1)])["lines"][0]["points"]) == 1


def test_the_page_escapes_what_records_say_and_loads_nothing() -> None:
    hostile = ran(1, package="</td><script>alert(1)</script>\x1b")
    page = "".join(trend_page([hostile, ran(2)], lines_of([hostile, ran(2)])))
    assert "<script" not in page and "\x1b" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page and not re.search(r'(src|href)="(?!#main")', page)


def test_the_command_shows_lines_json_and_a_page(tmp_path: Path) -> None:
    places = [str(one) for one in made_shards(tmp_path / "made", shards=2, events=40, seed=3)]
    done = run("trend", *places, "--html", str(tmp_path / "trend.html"))
    assert done.returncode == 0 and "2 records" in done.stdout, done.stderr
    assert "<svg" in (tmp_path / "trend.html").read_text()
    done = run("trend", *places, "--format", "json")
    assert {"subject", "version", "changes", "verdict"} <= set(json.loads(done.stdout)[0])


@pytest.mark.parametrize("what", ["absent", "damaged"])
def test_what_is_no_record_is_refused(tmp_path: Path, what: str) -> None:
    if what == "damaged":
        (tmp_path / "events.jsonl").write_text("{}\n")
    assert run("trend", str(tmp_path)).returncode == 2
