"""How many hostile inputs of each kind does bufspec hold against?

`python harness/tests/hostile_files/run.py SEED... [KIND]` prints a row for each kind: tried, held, and each
input that it did not hold against.  Ends with 1 if there is one.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hostile_files import (
    campaign_inputs,
    configuration_inputs,
    expectation_inputs,
    recording_inputs,
    spec_inputs,
    state_inputs,
)
from hostile_files.rows import Row

KINDS = (
    spec_inputs,
    expectation_inputs,
    configuration_inputs,
    recording_inputs,
    state_inputs,
    campaign_inputs,
)
ROWS = [row for kind in KINDS for row in kind.ROWS]


def tried(folder: Path, seeds: Iterable[int], most: int | None = None, rows: str = "") -> list[Row]:
    """Every row, over these seeds."""
    found = []
    for make in ROWS:
        row = make()
        if rows in row.name:
            for seed in seeds:
                place = folder / f"{len(found)}-{seed}"
                place.mkdir()
                row.run(place, seed, most)
            found.append(row)
    return found


def table(rows: Iterable[Row]) -> str:
    """The rows as text."""
    lines = [f"{'tried':>6} {'held':>6}  kind"]
    lines += [f"{row.tried:6} {row.held:6}  {row.name}" for row in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"XDG_STATE_HOME": home, "XDG_CACHE_HOME": home}
        words = [one for one in sys.argv[1:] if not one.isdigit()]
        seeds = [int(one) for one in sys.argv[1:] if one.isdigit()] or [1]
        found = tried(Path(home), seeds, rows=" ".join(words))
    for row in found:
        print("\n".join(row.failures))
    print(table(found))
    sys.exit(any(row.failures for row in found))
