"""Does `bufspec formats` show what each parser says, and does its search find where they differ?"""

from __future__ import annotations

import json
import struct
from pathlib import Path

from bufspec.cli import main
from bufspec.laboratory import readings
from bufspec.laboratory.parsers import PARSERS, Reading
from bufspec.laboratory.search import differences, drawn
from click.testing import CliRunner


def said(*texts: str) -> dict[str, dict[str, dict[str, object]]]:
    done = CliRunner().invoke(main, ["formats", "--format", "json", *texts])
    assert done.exit_code == 0, done.output
    return {row["format"]: row["readings"] for row in json.loads(done.output)["formats"]}


def test_each_parser_has_its_own_verdict() -> None:
    found = said("i", "T{i:a:d:b:}", "3t", "é")
    assert found["i"]["struct"]["size"] == found["i"]["memoryview"]["size"] == struct.calcsize("i")
    assert found["T{i:a:d:b:}"]["reference"]["size"] == found["T{i:a:d:b:}"]["numpy"]["size"] == 16
    assert found["T{i:a:d:b:}"]["struct"]["size"] is None
    assert found["T{i:a:d:b:}"]["struct"]["note"] == "error: bad char in struct format"
    assert found["3t"]["numpy"]["size"] is None and found["3t"]["reference"]["size"] == 1
    assert {name for name, one in found["é"].items() if one["size"] is None} == set(PARSERS) - {"ctypes"}


def test_a_parser_that_dies_ends_nothing() -> None:
    # A child that ends at the second question, as one that a text has killed.
    asked: list[int] = []

    def dying(questions: list[tuple[str, str]]) -> list[Reading]:
        asked.append(len(questions))
        return [Reading(1)] * min(1 if len(asked) == 1 else len(questions), len(questions))

    original, readings._asked = readings._asked, dying
    try:
        made = readings.readings_of(["a", "b", "c"], ["struct"])
    finally:
        readings._asked = original
    assert [one["struct"].verdict for one in made] == ["1", "died", "1"]
    assert asked == [3, 1]


def test_the_search_shows_the_shortest_text_of_each_way_to_differ() -> None:
    texts = drawn(300, 1)
    assert texts == drawn(300, 1) != drawn(300, 2)
    found = differences(texts, ["reference", "struct", "memoryview"])
    assert found
    for one in found:
        assert len({reading.verdict for reading in one.readings.values()}) > 1
    assert not differences(["i", "B", "}"], ["reference", "struct", "memoryview"])


def test_the_published_table_is_that_of_the_command(tmp_path: Path) -> None:
    page = tmp_path / "formats.md"
    done = CliRunner().invoke(main, ["formats", "--search", "50", "--markdown", str(page)])
    assert done.exit_code == 0, done.output
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Format strings on which parsers differ\n")
    assert "`bufspec formats --search 50 --seed 1`" in text
    published = Path(__file__).resolve().parents[2] / "reports" / "published" / "formats.md"
    assert published.read_text(encoding="utf-8").splitlines()[0] == text.splitlines()[0]


def test_wrong_use_says_what_to_do() -> None:
    for arguments, message in (
        ([], "name format strings, or --search N"),
        (["i", "--search", "3"], "name format strings, or --search N"),
        (["i" * 5000], "at most 4096 characters"),
    ):
        done = CliRunner().invoke(main, ["formats", *arguments])
        assert done.exit_code == 2
        assert message in done.output
