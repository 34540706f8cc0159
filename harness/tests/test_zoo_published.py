"""Is what was published of the zoo whole and understood, and are pairs shown as their records have them?"""

from __future__ import annotations

import json
from pathlib import Path

from bufspec.pairs.recorded import open_pairs
from bufspec.reports.zoo import PackageRow, index_page
from bufspec.reports.zoo_pairs import (
    FailedPair,
    PairsOfPackage,
    line_of_pairs,
    markdown_of_pairs,
    pairs_from,
    published_pairs,
    totals_of_pairs,
)
from bufspec.zoo.packages import locked_versions, zoo_directory
from command_line import run
from published_zoo import ROOT, counted_subjects, of_zoo, table_of, with_table

ROW = PackageRow("mine", "bytes", "1.2", "2026-01-02T03:04:05+00:00", True, 0)
PAIRED = PairsOfPackage(
    "mine",
    True,
    ("mine.reads", "other.fills"),
    {
        "mine.a": {"mine.reads": "pass", "other.fills": "fail"},
        "mine.b": {"mine.reads": "fail", "other.fills": "skip"},
    },
    (
        FailedPair("mine.a", "other.fills", "fail", "consumer", ("consumer.fill.elements_right",), True),
        FailedPair("mine.b", "mine.reads", "fail", "unexplained", (), False),
    ),
)


def test_what_pairs_came_to_is_shown_in_every_form() -> None:
    assert line_of_pairs(PAIRED) == (
        "mine: 2 exporters, 2 fail, 1 pass, 1 skip; at fault: 1 consumer, 1 unexplained; 1 new"
    )
    assert totals_of_pairs([PAIRED]) == "2 exporters, 2 consumers, 4 pairs: 2 fail, 1 pass, 1 skip"
    text = markdown_of_pairs([PAIRED])
    assert "| mine | 2 | 4 | 1 | 1 | 2 | 1 | 1 |" in text
    assert "| 1 | consumer | `other.fills` | consumer.fill.elements_right |" in text
    assert "| 1 | unexplained (new) | `mine.b -> mine.reads` | - |" in text
    found = json.loads(json.dumps(published_pairs([PAIRED], "0.1", "3.11")))
    assert found["rows"] == {"mine.a": ".f", "mine.b": "fs"}
    assert PAIRED.code == 1
    assert '<a href="mine.pairs.html">2 of 4</a>' in index_page([ROW], [PAIRED])


def test_a_record_of_a_run_of_pairs_is_read(tmp_path: Path) -> None:
    words = ["--exporters", "stdlib.bytes", "--consumer", "zlib:crc32"]
    assert run("pairs", *words, "--out", str(tmp_path)).returncode == 0
    came = pairs_from("stdlib", open_pairs(tmp_path))
    assert came.is_whole
    assert list(came.outcomes) == ["stdlib.bytes"]
    assert came.outcomes["stdlib.bytes"]["consumer zlib:crc32"] == "pass"
    assert came.code == 0


def test_the_published_run_is_whole_understood_and_large_enough() -> None:
    packages = of_zoo()
    assert [one["module"] for one in packages if not one["complete"] or not one["version"]] == []
    assert [one["module"] for one in packages if not one["subjects"]] == []
    exporters, of_exporters = counted_subjects(packages, "exporter")
    consumers, of_consumers = counted_subjects(packages, "consumer")
    assert (exporters >= 60, of_exporters >= 30, consumers >= 100, of_consumers >= 50) == (True,) * 4
    broken = [one for package in packages for subject in package["subjects"] for one in subject["broken"]]
    assert {one["class"] for one in broken} <= {"defect", "contested", "documented"}
    locked = locked_versions(zoo_directory().joinpath("lock.txt").read_text("utf-8"))
    assert len(locked) > len(packages)


def test_the_table_of_the_readme_is_that_of_the_published_run() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert with_table(text, table_of(of_zoo())) == text
