"""Do the commands about the tables and the measurements do what their help says?"""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest
from bufspec.measure.figures import Row, beyond_goal, kept_figures, worsened
from command_line import run

SPEC = Path(__file__).resolve().parents[2] / "spec"


@pytest.mark.slow
def test_the_packaged_tables_pass_and_agree_with_the_engine() -> None:
    done = run("spec", "check", "--format", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["problems"]) == (0, [])
    assert report["counts"]["requests_checked"] > 1024


@pytest.mark.slow
def test_a_damaged_table_is_refused_with_file_line_and_column(tmp_path: Path) -> None:
    directory = tmp_path / "spec"
    shutil.copytree(SPEC, directory)
    table = directory / "tables" / "20-requests.yaml"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith("    level: "))
    lines[at] = "    level: imperative\n"
    table.write_text("".join(lines), encoding="utf-8")
    done = run("spec", "check", str(directory))
    assert done.returncode == 2
    assert f"20-requests.yaml:{at + 1}:" in done.stdout
    assert "hint:" in done.stdout


@pytest.mark.slow
def test_a_judged_rule_must_have_a_function(tmp_path: Path) -> None:
    directory = tmp_path / "spec"
    shutil.copytree(SPEC, directory)
    table = directory / "tables" / "30-fields.yaml"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("    judged: true\n", "", 1), encoding="utf-8")
    done = run("spec", "check", str(directory))
    assert (done.returncode, "not marked as judged" in done.stdout) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "request.nd.shape_present"],
        ["show", "request.*"],
        ["show", "requests"],
        ["show", "flags"],
        ["show", "formats"],
        ["show", "layouts"],
        ["diff", "2010", "current"],
        ["coverage"],
    ],
)
@pytest.mark.slow
def test_tables_are_shown_for_people_and_for_programs(arguments: list[str]) -> None:
    for_people = run("spec", *arguments)
    assert (for_people.returncode, for_people.stderr) == (0, "")
    assert "\x1b" not in for_people.stdout
    for_programs = run("spec", *arguments, "--format", "json")
    assert for_programs.returncode == 0
    assert json.loads(for_programs.stdout)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "request.nd.shape_presen"], "did you mean request.nd.shape_present"),
        (["diff", "2010", "2011"], "known: "),
        (["check", "/nowhere"], "no such directory"),
    ],
)
@pytest.mark.slow
def test_what_is_not_in_the_tables_is_refused_with_a_hint(arguments: list[str], told: str) -> None:
    done = run("spec", *arguments)
    assert (done.returncode, told in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "extent", [pytest.param(["--quick"], id="quick"), pytest.param([], id="whole", marks=pytest.mark.nightly)]
)
@pytest.mark.slow
def test_the_measurements_are_ratios_within_one_run(extent: list[str], tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    done = run("bench", *extent, "--format", "json", "--keep", str(figures), seconds=600)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    measured = json.loads(done.stdout)
    assert {one["subject"] for one in measured["requests"]} >= {"stdlib.bytes", "stdlib.bytearray"}
    assert measured["median_ratio"] > 0
    assert measured["end_to_end"]["distinct_answers"] > (
        0 if extent else measured["getbuf_checks_of_test_buffer"]
    )
    assert measured["consumers"]["ratio"] > 0
    assert measured["consumers"]["system_ratio"] > 0
    large = measured["large"]
    assert large["ratio"] > 0 and large["whole_cases"] > 0 and large["copy_seconds"] > 0
    built = measured["built"]
    if not built["not_measured"]:
        assert built["answers"] >= 72 * built["layouts"] > 0
        assert built["judged_to_raw"] > 0
    measures_both = not (built["not_measured"] or built["not_compared"])
    assert (built["layouts_a_verify"] is not None) == measures_both
    written = json.loads(figures.read_text(encoding="utf-8"))
    # A machine that is busy with something else can make a difference of two times negative.
    assert all(math.isfinite(figure) for figure in written.values())
    if not built["not_measured"]:
        assert set(kept_figures()) <= set(written), "a kept figure is of no row: write them anew with --keep"


def test_a_row_that_misses_its_goal_is_named() -> None:
    rows = [Row("met", 3.0, goal=3.0), Row("missed", 3.1, goal=3.0), Row("without one", 99.0)]
    assert [one.name for one in beyond_goal(rows)] == ["missed"]


def test_a_row_that_worsens_by_more_than_a_fifth_is_named() -> None:
    kept = {"less is better": 1.0, "more is better": 2.0, "gone": 1.0}
    rows = [Row("less is better", 1.19), Row("more is better", 1.7, more_is_better=True), Row("new", 99.0)]
    assert worsened(rows, kept) == []
    rows = [Row("less is better", 1.21), Row("more is better", 1.6, more_is_better=True)]
    assert [one.name for one in worsened(rows, kept)] == ["less is better", "more is better"]


def test_the_bench_is_a_command_for_developers() -> None:
    shown = run("--help").stdout
    commands, developers = shown.split("For developers of bufspec")
    assert "bench" not in commands
    assert "bench" in developers
