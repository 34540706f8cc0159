"""Do users of binding generators inherit what is known, and nothing else?

A small extension of each generator, in harness/tests/bindings, is an exporter and a consumer in the way that
the generator's documentation has.  Its known failures are those of the generator.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Record, events_from_lines, run

BINDINGS = Path(__file__).parent / "bindings"
SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
INCLUDE = f"-I{sysconfig.get_paths()['include']}"


def call(*words: str | Path, path: Path | None = None) -> None:
    """Run a program to its end, which must be a good one; `path` is where its modules are."""
    environment = {**os.environ, **({"PYTHONPATH": str(path)} if path else {})}
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def tools(folder: Path, *requirements: str) -> Path:
    """The generator, installed where only the build sees it."""
    made = folder / "tools"
    call(sys.executable, "-m", "pip", "install", "--quiet", "--target", made, *requirements)
    return made


def compiled(source: Path, folder: Path, *options: str | Path) -> None:
    """The extension module that a source in C or C++ becomes."""
    compiler = "cc" if source.suffix == ".c" else "c++"
    name = source.name.split(".")[0].removesuffix("_wrap")
    call(compiler, "-O1", "-shared", "-fPIC", INCLUDE, source, *options, "-o", folder / f"{name}{SUFFIX}")


def with_cython(folder: Path) -> None:
    source = folder / "of_cython.c"
    call(sys.executable, "-m", "cython", "-3", BINDINGS / "cython/of_cython.pyx", "-o", source)
    compiled(source, folder)


def with_pybind11(folder: Path) -> None:
    include = tools(folder, "pybind11") / "pybind11/include"
    compiled(BINDINGS / "pybind11/of_pybind11.cpp", folder, "-std=c++17", f"-I{include}")


def with_nanobind(folder: Path) -> None:
    found = tools(folder, "nanobind") / "nanobind"
    includes = (f"-I{found / 'include'}", f"-I{found / 'ext/robin_map/include'}")
    source = BINDINGS / "nanobind/of_nanobind.cpp"
    compiled(source, folder, found / "src/nb_combined.cpp", "-std=c++17", "-fno-strict-aliasing", *includes)


def with_cffi(folder: Path) -> None:
    path = tools(folder, "cffi", "setuptools")
    call(sys.executable, BINDINGS / "cffi/build.py", folder, path=path)


def with_swig(folder: Path) -> None:
    path = tools(folder, "swig")
    source = folder / "of_swig_wrap.cpp"
    call(
        *(sys.executable, "-c", "import sys, swig; swig.swig()"),
        *("-python", "-c++", "-builtin", "-outdir", folder, "-o", source, BINDINGS / "swig/of_swig.i"),
        path=path,
    )
    compiled(source, folder)
    (folder / f"of_swig{SUFFIX}").rename(folder / f"_of_swig{SUFFIX}")


BUILDS: dict[str, Callable[[Path], None]] = {
    "cython": with_cython,
    "pybind11": with_pybind11,
    "nanobind": with_nanobind,
    "cffi": with_cffi,
    "swig": with_swig,
}


def judged(name: str, folder: Path, *arguments: str) -> Record:
    """The record of what a generator makes, which must be as its known failures have it."""
    BUILDS[name](folder)
    paths = os.pathsep.join(
        [str(folder), str(folder / "tools"), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    files = ("--subjects", str(BINDINGS / name / "subjects.py"))
    known = ("--expectations", str(BINDINGS / name / "known.yaml"))
    done = run("check", *files, *known, *arguments, "--format", "json", environment={"PYTHONPATH": paths})
    record = Record(done.returncode, events_from_lines(done.stdout), done.stderr)
    news = [
        (one["subject"], one["rule"], one.get("found"))
        for one in record.named("case-failed")
        if one["verdict"] == "news"
    ]
    assert (done.returncode, news) == (0, []), (news, done.stderr)
    assert record.subjects
    return record


@pytest.mark.slow
def test_what_cython_makes_of_memory_is_as_known_by_a_few_cases(tmp_path: Path) -> None:
    judged("cython", tmp_path, "of_cython.array", "of_cython.total", "--case", "request.word_0x01?")


@pytest.mark.nightly
@pytest.mark.parametrize("name", BUILDS)
def test_what_a_generator_makes_of_memory_is_as_known(name: str, tmp_path: Path) -> None:
    record = judged(name, tmp_path)
    targets = {one["target"] for one in record.subjects.values()}
    assert targets == {"exporter", "consumer"}
    assert not [name for name, one in record.subjects.items() if one.get("undecided")]


def test_the_published_versions_are_at_least_two_of_each_package() -> None:
    published = Path(__file__).resolve().parents[2] / "reports/published"
    rows = json.loads((published / "versions.json").read_text("utf-8"))["rows"]
    table = (published / "versions.md").read_text("utf-8")
    versions: dict[str, set[str]] = {}
    for one in rows:
        assert one["complete"] and one["conforming"] <= one["subjects"]
        assert all(f"`{rule}` ({count})" in table for rule, count in one["broken"].items())
        versions.setdefault(one["package"], set()).add(one["version"])
    assert set(versions) == {"numpy", "pyarrow", "pillow", "cython", "pybind11"}
    assert all(len(of_one) > 1 for of_one in versions.values())
