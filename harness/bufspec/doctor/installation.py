"""Is this installation of bufspec whole, and which of its optional packages are here?"""

from __future__ import annotations

from importlib import import_module, metadata, util
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from bufspec.doctor.row import Row
from bufspec.errors import TablesError, text_of
from bufspec.tables.files import spec_directory

THIS = "python -m pip install --force-reinstall bufspec"
OPTIONAL = (
    ("numpy", "the subjects numpy.*, and memory of NumPy in your own"),
    ("pytest", "a test item for each rule, with the plugin that comes with bufspec"),
)
EXTRAS = {
    "dask": "bufspec fuzz --dask, a campaign on a cluster",
    "test": "the tests of bufspec itself",
    "docs": "the documentation of bufspec as pages",
}


def installation() -> list[Row]:
    """What every run needs."""
    return [_engine(), _mutants(), _tables()]


def _engine() -> Row:
    found, install = _module("bufspec._engine")
    return Row("needed", "engine", "judging", found, install, needed=True)


def _mutants() -> Row:
    found, install = _module("bufspec.subjects.mutants._native")
    return Row("needed", "mutants", "bufspec mutants", found, install)


def _module(name: str) -> tuple[str, str]:
    """Where an extension module of ours was loaded from, or why it was not and what to do."""
    try:
        return Path(str(import_module(name).__file__)).name, ""
    except ImportError as error:
        return "", f"{THIS}  ({text_of(error)})"


def _tables() -> Row:
    try:
        files = len(list((spec_directory() / "tables").glob("*.yaml")))
    except TablesError:
        files = 0
    return Row("needed", "tables", "every rule", f"{files} files" if files else "", THIS, needed=True)


def optional_packages() -> list[Row]:
    """The packages that more can be done with, and the extras that bufspec names."""
    rows = [
        Row("optional packages", name, used_for, _version(name), f"python -m pip install {name}")
        for name, used_for in OPTIONAL
    ]
    for extra, used_for in EXTRAS.items():
        missing = [name for name in _packages_of(extra) if not _version(name)]
        rows.append(
            Row(
                "optional packages",
                f"bufspec[{extra}]",
                used_for,
                "" if missing else "all of it",
                f"python -m pip install 'bufspec[{extra}]'  (missing: {', '.join(missing)})",
            )
        )
    return rows


def _version(package: str) -> str:
    """The version of an installed package; empty if it is not there or has none that can be told."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        try:
            return "version unknown" if util.find_spec(package) else ""
        except ImportError:  # the name of a distribution with a dot, such as tap.py, names a module of none
            return ""


def _packages_of(extra: str) -> list[str]:
    """The packages that an extra of bufspec names."""
    try:
        lines = metadata.requires("bufspec") or []
    except metadata.PackageNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            continue
        if wanted.marker and wanted.marker.evaluate({"extra": extra}) and not wanted.marker.evaluate():
            found.append(wanted.name)
    return found
