"""Does a platform on which bufspec cannot be built get a sentence, and this one none?

What CMake would find elsewhere is said to it; the sentences are those of cmake/platform.cmake.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STABLE = "BUFSPEC_STABLE_ABI=ON"


def configured(*values: str, script: bool = True, build: Path | None = None) -> tuple[int, str]:
    """The exit code of CMake with these variables, and what it says in one line."""
    what = ["-P", "cmake/platform.cmake"] if script else ["-S", ".", "-B", str(build)]
    done = subprocess.run(
        ["cmake", *(f"-D{one}" for one in values), *what],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("values", "reason", "advice"),
    [
        (["CMAKE_SYSTEM_NAME=Windows"], "the system is Windows", "WSL 2"),
        (["CMAKE_SYSTEM_NAME=Darwin"], "the system is Darwin", "container"),
        (["CMAKE_SYSTEM_NAME=FreeBSD"], "the system is FreeBSD", "Use Linux"),
        (["CMAKE_SIZEOF_VOID_P=4"], "pointers have 32 bits", "64-bit Python"),
        (["CMAKE_CXX_BYTE_ORDER=BIG_ENDIAN"], "BIG_ENDIAN", "little-endian machine"),
        (["Python_VERSION=3.10.13"], "Python 3.10.13", "CPython 3.11 or later"),
        (["Python_SOABI=pypy311-pp73", STABLE], "pypy311-pp73", "BUFSPEC_STABLE_ABI=OFF"),
        (["Python_SOABI=cpython-313t-x86_64-linux-gnu", STABLE], "cpython-313t", "BUFSPEC_STABLE_ABI=OFF"),
        (["CMAKE_CXX_COMPILER_ID=GNU", "CMAKE_CXX_COMPILER_VERSION=10.2.1"], "g++ 10.2.1", "CXX=g++-12"),
        (
            ["CMAKE_CXX_COMPILER_ID=Clang", "CMAKE_CXX_COMPILER_VERSION=13.0"],
            "clang++ 13.0",
            "CXX=clang++-14",
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_what_is_not_supported_is_refused_in_a_sentence(values: list[str], reason: str, advice: str) -> None:
    code, said = configured(*values)
    assert code == 1
    assert "bufspec cannot be built here: " in said
    assert reason in said and advice in said


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["CMAKE_SYSTEM_NAME=Linux", "CMAKE_SIZEOF_VOID_P=8", "CMAKE_CXX_BYTE_ORDER=LITTLE_ENDIAN"],
        ["Python_VERSION=3.11.0", "Python_SOABI=cpython-311-x86_64-linux-gnu", STABLE],
        ["Python_SOABI=cpython-313d-aarch64-linux-gnu", STABLE],
        ["Python_SOABI=cpython-313t-x86_64-linux-gnu", "BUFSPEC_STABLE_ABI=OFF"],
        ["CMAKE_CXX_COMPILER_ID=GNU", "CMAKE_CXX_COMPILER_VERSION=12.2.0"],
        ["CMAKE_CXX_COMPILER_ID=Clang", "CMAKE_CXX_COMPILER_VERSION=14.0.6"],
    ],
    ids=" ".join,
)
def test_what_is_supported_is_not_refused(values: list[str]) -> None:
    assert configured(*values) == (0, "")


def test_the_build_asks_before_it_looks_for_a_compiler(tmp_path: Path) -> None:
    code, said = configured(
        "CMAKE_SYSTEM_NAME=Windows", "CMAKE_CXX_COMPILER=no-such-compiler", script=False, build=tmp_path
    )
    assert (code, "bufspec cannot be built here: the system is Windows" in said) == (1, True)
    assert "no-such-compiler" not in said
