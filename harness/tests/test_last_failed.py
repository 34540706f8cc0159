"""Does --last-failed judge what failed last from this directory, and only that?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import run

BROKEN, CLEAN = "stdlib.ctypes_array", "stdlib.bytearray"
OWN = "import ctypes\nfrom bufspec.declare import exporter\n\nexporter('own.array')(ctypes.c_int * 3)\n"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def judged(here: Path, *arguments: str) -> list[str]:
    """The names of the subjects that a run in `here`, with a cache of its own, would judge."""
    done = run("check", *arguments, "--list", "--format", "json", cwd=here, environment=cache(here))
    assert done.returncode == 0, done.stderr
    return [name for target in json.loads(done.stdout)["targets"].values() for name in target["subjects"]]


def cache(here: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(here.parent / "cache")}


def check(here: Path, *arguments: str) -> int:
    return run("check", *arguments, cwd=here, environment=cache(here)).returncode


@pytest.mark.slow
def test_what_failed_is_judged_again_until_it_no_longer_does(here: Path) -> None:
    assert check(here, BROKEN, CLEAN, "--no-expectations") == 1
    assert judged(here, "--last-failed") == [BROKEN]
    assert check(here, "--last-failed") == 0  # as expected now
    assert len(judged(here, "--last-failed", "stdlib.ctypes_*")) >= 10


@pytest.mark.slow
def test_only_what_is_asked_for_counts(here: Path) -> None:
    assert check(here, BROKEN, "--no-expectations") == 1
    assert judged(here, "--last-failed", "stdlib.ctypes_*") == [BROKEN]
    done = run("check", "--last-failed", CLEAN, cwd=here, environment=cache(here))
    assert "no selected subject failed in the last run" in done.stderr
    assert "1 subject: 1 conforming" in done.stdout


@pytest.mark.slow
def test_expressions_and_files_are_found_again(here: Path) -> None:
    (here / "own.py").write_text(OWN, encoding="utf-8")
    expression = "ctypes:(c_int * 2)()"
    assert check(here, "--subjects", "own.py", "--exporter", expression) == 1
    assert judged(here, "--last-failed") == ["own.array", expression]


@pytest.mark.slow
def test_a_run_leaves_what_it_did_not_judge(here: Path) -> None:
    assert check(here, BROKEN, "--no-expectations") == 1
    assert check(here, CLEAN) == 0
    assert judged(here, "--last-failed") == [BROKEN]


@pytest.mark.slow
def test_other_directories_have_memories_of_their_own(here: Path) -> None:
    assert check(here, BROKEN, "--no-expectations") == 1
    assert BROKEN not in judged(here.parent, "--last-failed", CLEAN)


@pytest.mark.slow
def test_a_cache_that_cannot_be_read_or_written_is_no_error(here: Path) -> None:
    (here.parent / "cache").write_text("a file where a folder should be", encoding="utf-8")
    assert check(here, BROKEN, "--no-expectations") == 1
    assert check(here, "--last-failed", CLEAN) == 0


@pytest.mark.slow
def test_a_damaged_memory_is_forgotten(here: Path) -> None:
    assert check(here, BROKEN, "--no-expectations") == 1
    (file,) = (here.parent / "cache" / "bufspec" / "last_failed").iterdir()
    for damage in ("{", "[]", '{"failed": 3}'):
        file.write_text(damage, encoding="utf-8")
        assert check(here, "--last-failed", CLEAN) == 0


@pytest.mark.slow
def test_an_expectation_of_no_subject_is_no_subject_that_failed(here: Path) -> None:
    (here / "own.py").write_text(OWN, encoding="utf-8")
    entry = {"subject": "own.gone", "rule": "*", "reason": "known for long", "link": "https://example.org/1"}
    (here / "known.yaml").write_text(json.dumps({"expectations": [entry]}), encoding="utf-8")
    assert check(here, "--subjects", "own.py", "--expectations", "known.yaml") == 1
    assert judged(here, "--last-failed") == ["own.array"]
