"""What do the exporters of one package come to with the consumers of the zoo?  `bufspec pairs` is run for it.

Exporters of different packages do not meet; consumers do, in the worker that pairs them with one exporter.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bufspec.files.problem import Refused
from bufspec.pairs.record import PAIRS_FILE
from bufspec.pairs.recorded import open_pairs
from bufspec.reports.zoo_pairs import PairsOfPackage, pairs_from
from bufspec.zoo.environment import Environment
from bufspec.zoo.packages import Package
from bufspec.zoo.records import Recorded, is_made_with_other_known_failures, made_of, recorded


def pairs_folder(environment: Environment, package: Package) -> Path:
    """Where the record of its pairs lies."""
    return environment.folder / "pairs" / package.module


def pair(
    environment: Environment,
    package: Package,
    consumers: Sequence[Package],
    *,
    jobs: int | None,
    again: bool,
) -> Recorded[PairsOfPackage]:
    """Try its exporters with the consumers of these packages, or say what the record has if that is whole."""
    words = ["pairs", "--exporters", f"{package.module}.*", "--python", str(environment.python)]
    for one in consumers:
        words += ["--consumers", f"{one.module}.*"]
    words += ["--jobs", str(jobs)] if jobs else []
    folder, parts = pairs_folder(environment, package), made_of(environment, [package, *consumers])
    if not again and is_made_with_other_known_failures(folder, parts):
        words += ["--reuse", str(folder)]
    return recorded(
        folder, PAIRS_FILE, parts, lambda: pairs_in_record(environment, package), words, again=again
    )


def pairs_in_record(environment: Environment, package: Package) -> PairsOfPackage | None:
    """What the record of its pairs says, None if there is none that can be used."""
    folder = pairs_folder(environment, package)
    if not (folder / PAIRS_FILE).exists():
        return None
    try:
        return pairs_from(package.module, open_pairs(folder, partial=True))
    except Refused:
        return None
