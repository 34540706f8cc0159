"""Does bufspec hold against the files of hostile_files/?  A sample of one seed; nightly all of three.

All of them: `python harness/tests/hostile_files/run.py SEED...`, which prints how many were tried and held.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile_files.rows import Row
from hostile_files.run import ROWS

SEED = 1
SAMPLES = {
    "mutations of the tables": 10,
    "crafted specs": 10,
    "specs that take for ever": 1,
    "expectations": 15,
    "configurations": 20,
    "subject files": 15,
    "resume states": 30,
    "records": 60,
    "recordings": 30,
    "campaigns": 60,
}
"""How many inputs of each kind are tried by `make test-all`."""


@pytest.fixture(scope="module", autouse=True)
def no_core_files() -> Iterator[None]:
    """What ends a process of a subject file leaves nothing behind."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


def names() -> list[str]:
    return [make().name for make in ROWS]


def row_named(name: str) -> Row:
    return next(row for row in (make() for make in ROWS) if row.name == name)


def test_every_kind_has_a_sample() -> None:
    assert set(SAMPLES) == set(names())


@pytest.mark.parametrize("name", names())
@pytest.mark.slow
def test_a_sample_of_hostile_files_is_held_against(name: str, tmp_path: Path) -> None:
    row = row_named(name)
    row.run(tmp_path, SEED, SAMPLES[name])
    print(f"{row.tried} tried, {row.held} held: {name}", file=sys.stderr)
    assert row.failures == []
    assert row.tried == SAMPLES[name]


def test_a_harness_that_lets_everything_pass_would_be_seen(tmp_path: Path) -> None:
    row = row_named("expectations")
    row.reads = lambda path: "was taken for good"
    row.run(tmp_path, 1, 3)
    assert (row.tried, row.held) == (3, 0)
    raising = row_named("expectations")
    raising.reads = lambda path: str({}["no such key"])
    raising.run(tmp_path, 1, 3)
    assert (raising.tried, raising.held) == (3, 0)
