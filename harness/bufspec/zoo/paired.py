"""What do the exporters of one package come to with the consumers of the zoo?  `bufspec pairs` is run for it.

Exporters of different packages do not meet; consumers do, in the worker that pairs them with one exporter.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from bufspec.errors import EXIT_INCOMPLETE
from bufspec.files.problem import Refused
from bufspec.files.written import new_folder
from bufspec.pairs.record import PAIRS_FILE
from bufspec.pairs.recorded import open_pairs
from bufspec.processes.own_command import run_command
from bufspec.reports.zoo_pairs import PairsOfPackage, pairs_from
from bufspec.zoo.environment import Environment
from bufspec.zoo.packages import Package
from bufspec.zoo.records import is_made_of, keep_made_of, made_of


@frozen
class CamePairs:
    """What the pairs of a package came to; None with the reason where none was tried, and the exit code."""

    pairs: PairsOfPackage | None
    reason: str = ""
    code: int = 0
    kept: bool = False


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
) -> CamePairs:
    """Try its exporters with the consumers of these packages, or say what the record has if that is whole."""
    folder = pairs_folder(environment, package)
    parts = made_of(environment, [package, *consumers])
    found = pairs_in_record(environment, package) if is_made_of(folder, parts) and not again else None
    if found is not None and found.is_whole:
        return CamePairs(found, code=found.code, kept=True)
    if found is not None:
        ended = run_command("pairs", "--resume", str(folder))
        if ended.code not in (0, 1):
            return pair(environment, package, consumers, jobs=jobs, again=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)
        new_folder(folder)
        keep_made_of(folder, parts)
        words = ["--exporters", f"{package.module}.*"]
        for one in consumers:
            words += ["--consumers", f"{one.module}.*"]
        words += ["--jobs", str(jobs)] if jobs else []
        ended = run_command("pairs", *words, "--python", str(environment.python), "--out", str(folder))
    found = pairs_in_record(environment, package)
    if found is None:
        return CamePairs(None, ended.reason, max(ended.code, EXIT_INCOMPLETE))
    return CamePairs(found, code=ended.code)


def pairs_in_record(environment: Environment, package: Package) -> PairsOfPackage | None:
    """What the record of its pairs says, None if there is none that can be used."""
    folder = pairs_folder(environment, package)
    if not (folder / PAIRS_FILE).exists():
        return None
    try:
        return pairs_from(package.module, open_pairs(folder, partial=True))
    except Refused:
        return None
