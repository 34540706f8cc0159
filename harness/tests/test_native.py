"""Is a shared library judged like objects of Python, by what it says in bufspec_subject.h; and is a wrong one
refused with where, what and what to do?
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bufspec import _engine
from command_line import events_from_lines, run
from conftest import drawn

ADAPTER = Path(__file__).resolve().parents[1] / "adapters" / "native"
EXAMPLE = ADAPTER / "examples" / "c" / "matrix.c"
pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")


def library(folder: Path, source: str, name: str = "libmine.so") -> Path:
    """The library that a C file makes; a warning is an error."""
    file = folder / f"{name}.c"
    file.write_text(source, encoding="utf-8")
    command = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-shared", "-fPIC"]
    subprocess.run([*command, f"-I{ADAPTER}", "-o", name, file.name], cwd=folder, check=True)
    return folder / name


def judged(path: Path, *options: str) -> dict[str, dict[str, Any]]:
    """What each subject of a library comes to."""
    done = run("check", "--native", path.name, *options, "--format", "json", cwd=path.parent)
    assert done.returncode in (0, 1), done.stderr
    events = events_from_lines(done.stdout)
    return {one["subject"]: one for one in events if one["event"] == "subject-finished"}


def broken(finished: dict[str, Any]) -> list[str]:
    return [rule for rule, one in finished["rules"].items() if one.get("failed")]


@pytest.fixture(scope="module")
def example() -> str:
    return EXAMPLE.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_example_conforms_and_what_it_does_not_show_is_skipped_with_the_reason(
    tmp_path: Path, example: str
) -> None:
    finished = judged(library(tmp_path, example))["example.matrix"]
    assert finished["conforms"] is True
    assert finished["granted"] > 2000
    reasons = {one["reason"] for one in finished["rules"].values() if one["outcome"] == "skip"}
    assert "cannot observe mutation" in reasons
    assert finished["rules"]["lifetime.release.references_restored"]["outcome"] == "pass"


@pytest.mark.slow
def test_without_the_optional_calls_their_rules_are_skipped_and_never_pass(
    tmp_path: Path, example: str
) -> None:
    bare = example.replace(".references = references, .exception = exception", "")
    for call in ("static bufspec_ssize references(", "static bufspec_error exception("):
        bare = bare.replace(call, f"__attribute__((unused)) {call}")
    rules = judged(library(tmp_path, bare))["example.matrix"]["rules"]
    skipped = rules["lifetime.release.references_restored"]
    assert skipped["outcome"] == "skip"
    assert "references" in skipped["reason"]
    assert rules["field.len.product"]["outcome"] == "pass"


BREAKS = {
    "view->shape = shape": ("view->shape = shape, view->len = 20", "field.len.product"),
    "sizeof(int), 0, 1, NULL": ("2, 0, 1, NULL", "field.len.product"),
    "++self->references;": ("self->references += 2;", "lifetime.release.references_restored"),
    "if (flags & BUFSPEC_FORMAT) view->format": ("view->format", "request.format.absent"),
    "{self->elements, self,": ("{self->elements[1], self,", "field.buf.logical_start"),
}


@pytest.mark.parametrize("text", drawn(BREAKS, 3))
@pytest.mark.slow
def test_a_break_put_into_the_example_is_found(tmp_path: Path, example: str, text: str) -> None:
    assert text in example
    instead, rule = BREAKS[text]
    path = library(tmp_path, example.replace(text, instead))
    finished = judged(path, "--case", "request.word_0x0*", "--case", "lifetime.*")["example.matrix"]
    assert finished["conforms"] is False
    assert rule in broken(finished)


@pytest.mark.slow
def test_a_failure_is_shown_again_by_the_command_that_the_record_has(tmp_path: Path, example: str) -> None:
    path = library(tmp_path, example.replace("view->shape = shape", "view->shape = shape, view->len = 20"))
    words = ("check", "--native", path.name, "--case", "request.word_0x00*", "--format", "json")
    done = run(*words, cwd=tmp_path)
    failure = next(one for one in events_from_lines(done.stdout) if one["event"] == "case-failed")
    words = tuple(failure["replay"].split())
    assert words[:4] == ("bufspec", "replay", "--native", "libmine.so")
    again = run(*words[1:], cwd=tmp_path)
    assert again.returncode == 1
    assert "broken: field.len.product" in again.stdout
    script = run(*words[1:], "--standalone", cwd=tmp_path)
    assert script.returncode == 2
    assert "shared library" in script.stderr


@pytest.mark.slow
def test_a_crash_costs_its_case_alone(tmp_path: Path, example: str) -> None:
    crashing = example.replace("++self->references;", "if (flags == 0x2a9) abort();\n  ++self->references;")
    finished = judged(library(tmp_path, crashing), "--case", "request.*")["example.matrix"]
    assert finished["deaths"] == 1
    assert finished["cases"] > 1000


TABLE = """
#include "bufspec_subject.h"
%s
"""
WRONG: dict[str, tuple[str, str]] = {
    "int nothing;": ("", "has no symbol bufspec_subjects"),
    "int bufspec_subjects = 3;": ("", "is no function"),
    "void *bufspec_subjects(void); void *bufspec_subjects(void) { return NULL; }": ("", "returned NULL"),
    "void *bufspec_subjects(void); void *bufspec_subjects(void) { return (void *)8; }": (
        "",
        "cannot be read",
    ),
    "void *bufspec_subjects(void); static char x[99]; void *bufspec_subjects(void) { return x; }": (
        "",
        "returned no table",
    ),
    "static bufspec_table t = {BUFSPEC_SUBJECT_MAGIC, 7, NULL, 0, NULL}; "
    "bufspec_table *bufspec_subjects(void); "
    "bufspec_table *bufspec_subjects(void) { return &t; }": ("version", "knows version 1"),
    "BUFSPEC_SUBJECTS(Mine, BUFSPEC_EXPORTER(a, NULL));": ("library", "is no name"),
    "BUFSPEC_SUBJECTS(stdlib, BUFSPEC_EXPORTER(a, NULL));": ("a", "cannot be read"),
    'BUFSPEC_SUBJECTS(mine, {9, 0, "a", NULL});': ("subjects[0].target", "is 9"),
    'BUFSPEC_SUBJECTS(mine, {1, 0, "a b", NULL});': ("subjects[0].name", "is no name"),
    "static size_t s = 3; BUFSPEC_SUBJECTS(mine, BUFSPEC_EXPORTER(a, &s));": ("a.size", "is 3"),
    "static bufspec_exporter e = {.size = sizeof e}; BUFSPEC_SUBJECTS(mine, BUFSPEC_EXPORTER(a, &e));": (
        "a.make",
        "is NULL",
    ),
    "static char d[9]; static bufspec_exporter e; __attribute__((constructor)) static void f(void) "
    "{ e.size = sizeof e; void *p = d; __builtin_memcpy(&e.make, &p, 8); } "
    "BUFSPEC_SUBJECTS(mine, BUFSPEC_EXPORTER(a, &e));": ("a.make", "points at no function"),
    "static bufspec_consumer c = {.size = sizeof c, .kind = 5}; "
    "BUFSPEC_SUBJECTS(mine, BUFSPEC_CONSUMER(a, &c));": ("a.kind", "is 5"),
}


@pytest.mark.parametrize("text", WRONG)
def test_a_library_that_cannot_be_used_is_refused(tmp_path: Path, text: str) -> None:
    member, what = WRONG[text]
    path = str(library(tmp_path, TABLE % text))
    where, found, hint = _engine.native_subjects(path)["refusal"]
    assert where.startswith(path)
    assert member in where.removeprefix(path)
    assert what in found
    assert hint


def test_each_of_the_two_with_one_name_is_refused(tmp_path: Path, example: str) -> None:
    twice = example.replace(
        "BUFSPEC_EXPORTER(matrix, &exporter)",
        "BUFSPEC_EXPORTER(a, &exporter), BUFSPEC_EXPORTER(a, &exporter)",
    )
    refusal = _engine.native_subjects(str(library(tmp_path, twice)))["refusal"]
    assert "like that of an earlier one" in refusal[1]


@pytest.mark.slow
def test_the_command_says_where_what_and_what_to_do(tmp_path: Path, example: str) -> None:
    missing = run("check", "--native", "./libno.so", cwd=tmp_path)
    assert missing.returncode == 2
    assert "no such file" in missing.stderr
    (tmp_path / "libtext.so").write_text("no library")
    assert "cannot be loaded" in run("check", "--native", "libtext.so", cwd=tmp_path).stderr
    library(tmp_path, example.replace("SUBJECTS(example", "SUBJECTS(stdlib"), "libtaken.so")
    assert "calls itself stdlib" in run("check", "--native", "libtaken.so", cwd=tmp_path).stderr
    library(
        tmp_path,
        "void *bufspec_subjects(void) { __builtin_trap(); }\n#include <stddef.h>".replace(
            "void *b", "void *bufspec_subjects(void); void *b", 1
        ),
        "libdies.so",
    )
    dies = run("check", "--native", "libdies.so", cwd=tmp_path)
    assert dies.returncode == 2
    assert "loading the library ended the process" in dies.stderr
    pairs = run("pairs", "--subjects", "libdies.so", cwd=tmp_path)
    assert pairs.returncode == 2
    assert "check --native" in pairs.stderr


@pytest.mark.slow
def test_a_factory_that_gives_nothing_is_an_error_of_its_subject(tmp_path: Path, example: str) -> None:
    nothing = example.replace("if (made == NULL) return NULL;", "if (made != NULL) return NULL;")
    path = library(tmp_path, nothing)
    done = run("check", "--native", path.name, cwd=tmp_path)
    assert done.returncode == 3
    assert "make() of example.matrix returned NULL" in done.stdout + done.stderr


def test_the_header_is_c_plus_plus_too(tmp_path: Path) -> None:
    for standard in ("c++11", "c++20"):
        command = ["g++", "-x", "c++", f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
        subprocess.run([*command, "-fsyntax-only", ADAPTER / "bufspec_subject.h"], check=True)


CHECKSUM = (ADAPTER / "examples" / "c" / "checksum.c").read_text(encoding="utf-8")
CONSUMER_BREAKS = {
    "BUFSPEC_SIMPLE": ("BUFSPEC_FULL_RO", "consumer.data.elements_right"),
    "bufspec_release(&view);": ("", "consumer.release.exactly_once"),
    "bufspec_release(&view);\n  *result": (
        "((char *)view.buf)[0] ^= view.len > 0;\n  bufspec_release(&view);\n  *result",
        "consumer.write.only_if_asked",
    ),
}


@pytest.mark.slow
def test_a_consumer_in_c_conforms(tmp_path: Path) -> None:
    finished = judged(library(tmp_path, CHECKSUM))["example.checksum"]
    assert finished["conforms"] is True
    assert finished["memories"]["all"][1] > 800


@pytest.mark.parametrize("text", drawn(CONSUMER_BREAKS, 3))
@pytest.mark.slow
def test_a_break_put_into_the_consumer_is_found(tmp_path: Path, text: str) -> None:
    assert text in CHECKSUM
    instead, rule = CONSUMER_BREAKS[text]
    path = library(tmp_path, CHECKSUM.replace(text, instead))
    finished = judged(path, "--case", "consumer.reads_*")["example.checksum"]
    assert finished["conforms"] is False
    assert rule in broken(finished)


@pytest.mark.slow
def test_the_reference_as_a_library_breaks_nothing() -> None:
    path = Path(_engine.__file__).with_name("libbufspec_reference.so")
    finished = judged(path, "--case", "request.*", "--case", "built.c*", "--case", "consumer.reads_*")
    assert {name: one["conforms"] for name, one in finished.items()} == dict.fromkeys(finished, True)
    assert not any(broken(one) for one in finished.values())


@pytest.mark.nightly
@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")
def test_a_crate_of_rust_is_judged_and_a_break_in_it_found(tmp_path: Path) -> None:
    shutil.copytree(ADAPTER / "examples" / "rust", tmp_path / "rust")
    build = ["cargo", "build", "--quiet", "--release", "--offline"]
    source = tmp_path / "rust" / "src" / "lib.rs"
    for text, conforms in (("len: 10", True), ("len: 12", False)):
        source.write_text(source.read_text(encoding="utf-8").replace("len: 10", text), encoding="utf-8")
        subprocess.run(build, cwd=tmp_path / "rust", check=True)
        made = tmp_path / "rust" / "target" / "release" / "libsamples.so"
        finished = judged(made, "--case", "request.word_0x0*")["sound.samples"]
        assert finished["conforms"] is conforms


PROJECT = """
cmake_minimum_required(VERSION 3.20)
project(mine LANGUAGES C)
enable_testing()
find_package(bufspec REQUIRED)
add_library(matrix MODULE matrix.c)
target_link_libraries(matrix PRIVATE bufspec::subject)
bufspec_add_conformance_test(matrix OPTIONS --case "request.word_0x01*")
bufspec_add_conformance_test(matrix NAME words SUBJECTS example.matrix OPTIONS --case "request.word_0x0*")
"""


@pytest.mark.skipif(shutil.which("cmake") is None, reason="cmake is not installed")
@pytest.mark.slow
def test_a_project_of_cmake_adds_a_test_for_its_library(tmp_path: Path, example: str) -> None:
    (tmp_path / "CMakeLists.txt").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "matrix.c").write_text(example, encoding="utf-8")
    quiet: dict[str, Any] = {"cwd": tmp_path, "capture_output": True, "text": True}
    subprocess.run(["cmake", "-B", "build", f"-DCMAKE_PREFIX_PATH={sys.prefix}"], **quiet, check=True)
    subprocess.run(["cmake", "--build", "build"], **quiet, check=True)
    tested = subprocess.run(["ctest", "--test-dir", "build"], **quiet, check=False)
    assert "100% tests passed, 0 tests failed out of 2" in tested.stdout
    (tmp_path / "matrix.c").write_text(
        example.replace("view->shape = shape", "view->len = 20"), encoding="utf-8"
    )
    subprocess.run(["cmake", "--build", "build"], **quiet, check=True)
    assert subprocess.run(["ctest", "--test-dir", "build"], **quiet, check=False).returncode
    (tmp_path / "CMakeLists.txt").write_text(PROJECT.replace("MODULE", "OBJECT"), encoding="utf-8")
    refused = subprocess.run(["cmake", "-B", "build"], **quiet, check=False)
    assert "is no shared library" in refused.stderr
