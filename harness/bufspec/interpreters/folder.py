"""Where lies what a worker needs in another interpreter?  In a folder of the user's cache, made when it is
first needed: this package with the build of its extension, and the packages in plain Python that it imports.

The name of a folder is the digest of what is installed here, so a worker is always of the driver's version.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path

from bufspec.errors import InterpreterError
from bufspec.files.of_user import cache_home

NEEDED = ("attrs",)
"""What a worker imports besides the standard library."""
WISHED = ("cattrs", "typing-extensions", "PyYAML")
"""What a worker imports to judge mutants; PyYAML does without its extension."""
LEFT_OUT = ("__pycache__", ".pyc")
UNUSED_DAYS = 14
"""A folder that no run has used for so long is removed when another one is made."""
READY = "ready"


def cache_folder() -> Path:
    """$XDG_CACHE_HOME/bufspec/interpreters, or in ~/.cache."""
    return cache_home() / "bufspec" / "interpreters"


def package_folder() -> Path:
    """This package, as it is installed here."""
    return Path(__file__).resolve().parents[1]


@cache
def digest_of_package() -> str:
    """What tells this version of bufspec, with its extension, from every other."""
    folder, digest = package_folder(), hashlib.sha256()
    for file in _files_under(folder):
        content = hashlib.sha256(file.read_bytes()).digest()
        digest.update(str(file.relative_to(folder)).encode("utf-8", "surrogateescape") + b"\0" + content)
    return digest.hexdigest()[:16]


def folder_for(abi: str, fill: Callable[[Path], None]) -> Path:
    """The folder for interpreters of that ABI; `fill` puts the build of the extension into a new one.

    Raises InterpreterError if none can be made.
    """
    folder = cache_folder() / f"{abi}-{digest_of_package()}"
    if not (folder / READY).is_file():
        try:
            _make(folder, fill)
        except OSError as error:
            raise InterpreterError(
                f"what its workers need cannot be put together: {error.strerror or error}",
                where=str(error.filename or folder),
                hint="XDG_CACHE_HOME names another folder for it",
            ) from error
    with suppress(OSError):
        os.utime(folder)
    return folder


def _make(folder: Path, fill: Callable[[Path], None]) -> None:
    """Make a folder that appears whole, or as another process has just made it."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _remove_unused(folder.parent)
    made = Path(tempfile.mkdtemp(prefix="new-", dir=folder.parent))
    try:
        copy_of_packages(made)
        fill(made)
        (made / READY).touch()
        with suppress(OSError):  # another process was faster
            made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def copy_of_packages(folder: Path) -> None:
    """Copy the packages in plain Python: bufspec without its extensions, and what it imports."""
    source = package_folder()
    for file in _files_under(source):
        if file.suffix != ".so":
            _copy(file, folder / source.name / file.relative_to(source))
    for name in (*NEEDED, *WISHED, "bufspec"):
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if name in NEEDED:
                raise InterpreterError(
                    f"{name} is not installed here as a package that can be copied",
                    where=name,
                    hint=f"python -m pip install --force-reinstall {name}",
                ) from None
            continue
        for entry in found.files or ():
            place = Path(str(found.locate_file(entry)))
            within = entry.parts[0] not in ("..", source.name) and not entry.is_absolute()
            if within and entry.suffix not in (".so", ".pyc") and place.is_file():
                _copy(place, folder / Path(*entry.parts))


def _copy(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)


def extensions_of_package() -> list[Path]:
    """The extension modules that are installed here, by their place in the package."""
    folder = package_folder()
    return [file.relative_to(folder) for file in _files_under(folder) if file.suffix == ".so"]


def copy_of_extensions(folder: Path) -> None:
    """Copy the build for the stable ABI, which every CPython loads that is not free-threaded."""
    for place in extensions_of_package():
        if ".abi3." in place.name:
            _copy(package_folder() / place, folder / package_folder().name / place)


def _files_under(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not any(part in LEFT_OUT for part in (*file.parts, file.suffix)):
            yield file


def _remove_unused(parent: Path) -> None:
    oldest = time.time() - UNUSED_DAYS * 24 * 3600
    for one in parent.iterdir():
        with suppress(OSError):
            if one.is_dir() and not one.is_symlink() and one.stat().st_mtime < oldest:
                shutil.rmtree(one, ignore_errors=True)
