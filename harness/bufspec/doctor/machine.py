"""Which interpreters, compilers, sanitizers, debuggers and browsers does this machine have?

Starts programs only to ask for their version, each with a time limit; one that does not answer is missing.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from bufspec.doctor.row import Row, from_system
from bufspec.interpreters.facts import ABI3
from bufspec.interpreters.found import interpreters as found_interpreters
from bufspec.interpreters.found import programs

SECONDS = 10
CLANGS = ("clang++", *(f"clang++-{number}" for number in range(25, 13, -1)))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox")


def said_by(*command: str) -> str:
    """The first line that a program prints; empty if it fails, is not there or does not end."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=SECONDS,
            errors="replace",
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    lines = done.stdout.strip().splitlines()
    return lines[0].strip() if done.returncode == 0 and lines else ""


def machine() -> list[Row]:
    """All of it."""
    return [*interpreters(), *compilers(), *sanitizers(), *fuzzers(), *debuggers(), browser()]


def interpreters() -> list[Row]:
    """This interpreter, and each other in which can be judged."""
    here = f"{sys.implementation.name} {'.'.join(map(str, sys.version_info[:3]))}"
    rows = [Row("interpreters", "this one", "judging", f"{here}, {sys.executable}", "")]
    found = found_interpreters(programs())
    for one in found.usable:
        if one.path != sys.executable:
            how = "" if one.facts.abi == ABI3 else ", with a build of its own"
            used_for = f"judging: bufspec check --python{how}"
            rows.append(Row("interpreters", one.facts.name, used_for, one.path, ""))
    return rows


def compilers() -> list[Row]:
    """What builds extensions, bufspec's own among them."""
    gcc, clang = _program("g++"), _program(*CLANGS)
    cmake = _program("cmake")
    return [
        Row(
            "compilers",
            "g++",
            "building bufspec and extensions",
            said_by(gcc, "--version"),
            from_system("g++", otherwise="GCC 12 or later"),
        ),
        Row(
            "compilers",
            "clang++",
            "the same, and fuzz targets",
            said_by(clang, "--version"),
            from_system("clang", otherwise="clang 14 or later"),
        ),
        Row(
            "compilers",
            "cmake",
            "building bufspec",
            said_by(cmake, "--version"),
            "python -m pip install cmake",
        ),
    ]


def _program(*names: str) -> str:
    """The first of these programs that is on PATH, as a path; the first name if none is."""
    return next((found for name in names if (found := shutil.which(name))), names[0])


def sanitizers() -> list[Row]:
    """The runtimes to preload for packages that are built with a sanitizer."""
    rows = []
    for kind, file in (("AddressSanitizer", "libasan.so"), ("UBSan", "libubsan.so")):
        place = said_by(_program("gcc", "cc"), f"-print-file-name={file}")
        rows.append(
            Row(
                "sanitizers",
                kind,
                "packages that are built with it",
                place if os.path.isabs(place) else "",
                from_system("gcc", otherwise=f"the runtime of GCC that has {file}"),
            )
        )
    return rows


def fuzzers() -> list[Row]:
    """What the fuzz targets of bufspec are built with."""
    # Several may be installed, not all with their runtime; those after the first with it are not asked.
    clangs = (found for name in CLANGS if (found := shutil.which(name)))
    folders = (Path(place) for clang in clangs if (place := said_by(clang, "-print-resource-dir")))
    names = (
        f"lib/**/libclang_rt.fuzzer-{platform.machine()}.a",
        f"lib/{platform.machine()}*/libclang_rt.fuzzer.a",
    )
    libraries = (library for folder in folders for name in names for library in sorted(folder.glob(name)))
    return [
        Row(
            "fuzzers",
            "libFuzzer",
            "a fuzzing campaign: cmake --workflow --preset fuzz",
            str(next(libraries, "")),
            from_system("clang-19 libclang-rt-19-dev", otherwise="clang with its runtime (compiler-rt)"),
        )
    ]


def debuggers() -> list[Row]:
    """What can stand on a crash."""
    return [
        Row(
            "debuggers",
            name,
            "check --in-process, and replay, under it",
            said_by(_program(name), "--version"),
            from_system(name, otherwise=name),
        )
        for name in ("gdb", "lldb")
    ]


def browser() -> Row:
    """What opens reports that are pages."""
    return Row(
        "browsers",
        "a browser",
        "reports that are pages",
        next((found for name in BROWSERS if (found := shutil.which(name))), ""),
        from_system("chromium", otherwise="Chromium or Firefox, or open the file elsewhere"),
    )
