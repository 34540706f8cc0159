"""Does a campaign with a fuzz target find what is there, once, and say what is missing where it cannot begin?

A target of a few lines stands for those of bufspec, which take minutes to build.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bufspec.fuzz import engines
from bufspec.fuzz.finding import Findings
from bufspec.fuzz.shown import HANGS, ending_of, look_at, smallest
from bufspec.fuzz.target import target_named, targets_of

ROOT = Path(__file__).resolve().parents[2]

TARGET = r"""
#include <cstdint>
#include <cstdio>
#include <cstdlib>
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1 && data[0] == 'h' && data[1] == 'i') {
    std::fprintf(stderr, "broken property: nobody greets\n");
    std::abort();
  }
  if (size > 2 && data[0] == 'y') __builtin_trap();
  return 0;
}
"""
LINES = """# bufspec_fuzz_target(NAME FORM FORM): what a line of a target is
add_executable(demo_fuzz demo_fuzz.cpp)
target_compile_options(demo_fuzz PRIVATE -fsanitize=fuzzer)
target_link_options(demo_fuzz PRIVATE -fsanitize=fuzzer)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/decisions.dict "\\"hi\\"")
add_custom_target(bufspec_fuzz_dictionary_decisions)
add_library(bufspec_mutator_decisions MODULE nothing.cpp)
set(plain ${CMAKE_COMMAND} -E env AFL_NOOPT=1)
set_target_properties(bufspec_mutator_decisions PROPERTIES
  CXX_COMPILER_LAUNCHER "${plain}" CXX_LINKER_LAUNCHER "${plain}")
if(0)
bufspec_fuzz_target(demo_fuzz FORM decisions)
endif()
"""


def preset(name: str, compiler: str) -> dict[str, object]:
    return {
        "name": name,
        "generator": "Ninja",
        "binaryDir": "${sourceDir}/build/${presetName}",
        "cacheVariables": {"CMAKE_CXX_COMPILER": compiler},
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    presets = [preset("fuzz", "clang++-19"), preset("afl", "afl-clang-fast++")]
    (tmp_path / "CMakePresets.json").write_text(
        json.dumps(
            {
                "version": 6,
                "configurePresets": presets,
                "buildPresets": [{"name": one["name"], "configurePreset": one["name"]} for one in presets],
            }
        )
    )
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(demo CXX)\nadd_subdirectory(fuzz)\n"
    )
    folder = tmp_path / "fuzz"
    (folder / "corpus" / "demo_fuzz").mkdir(parents=True)
    (folder / "corpus" / "demo_fuzz" / "one").write_bytes(b"x")
    (folder / "CMakeLists.txt").write_text(LINES)
    (folder / "demo_fuzz.cpp").write_text(TARGET)
    (folder / "nothing.cpp").write_text(
        '#include <cstddef>\n#include <cstdint>\nextern "C" void* afl_custom_init(void*, unsigned) '
        '{ return nullptr; }\nextern "C" std::size_t afl_custom_fuzz(void*, std::uint8_t* d, std::size_t n, '
        "std::uint8_t** o, std::uint8_t*, std::size_t, std::size_t) { *o = d; return n; }\n"
        'extern "C" void afl_custom_deinit(void*) {}\n'
    )
    return tmp_path


def fuzz(*words: str, cwd: Path, code: int) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bufspec.cli", "fuzz", *words], cwd=cwd, capture_output=True, text=True
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.nightly
@pytest.mark.parametrize(("engine", "program"), [("libfuzzer", "clang++-19"), ("afl", "afl-fuzz")])
def test_an_engine_finds_each_fault_once_and_makes_it_small(project: Path, engine: str, program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    words = ("--target", "demo", "--engine", engine, "--seed", "3", "--out", "campaign")
    said = fuzz(*words, "--time", "20s", "--jobs", "2", cwd=project, code=1)
    assert "nobody greets" in said
    found = Findings(project / "campaign" / "findings").by_id.values()
    assert len({one.outcome for one in found}) == len(found)
    greets = next(one for one in found if "greets" in one.outcome)
    assert bytes.fromhex(greets.encoded) == b"hi"
    replayed = subprocess.run(greets.replay.split(), capture_output=True, text=True)
    assert "nobody greets" in replayed.stdout + replayed.stderr
    known = json.loads((project / "campaign" / "campaign.json").read_text())["tried"]
    assert known["executions"] > 0
    # The same command goes on with it, and finds nothing twice.
    fuzz(*words, "--time", "22s", "--jobs", "2", cwd=project, code=1)
    again = Findings(project / "campaign" / "findings").by_id
    assert set(again) == {one.id for one in found}
    assert (
        json.loads((project / "campaign" / "campaign.json").read_text())["tried"]["executions"]
        >= (known["executions"])
    )


@pytest.mark.slow
def test_what_cannot_begin_says_what_to_do(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert "did you mean demo?" in fuzz("--target", "demp", cwd=project, code=2)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert "run it in a clone of bufspec" in fuzz("--target", "layout", cwd=elsewhere, code=2)
    assert "a fuzz target: --target" in fuzz("stdlib.bytearray", "--engine", "afl", cwd=elsewhere, code=2)
    assert "takes no SUBJECT" in fuzz("stdlib.bytearray", "--target", "layout", cwd=elsewhere, code=2)


def test_a_missing_engine_is_named_with_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for engine, package in ((engines.LIBFUZZER, "clang-19"), (engines.AFL, "afl++")):
        with pytest.raises(engines.EngineError) as raised:
            engines.need_programs(engine)
        assert package in raised.value.hint and "cannot be found" in raised.value.what


def test_every_target_of_the_sources_is_known_with_its_form_and_corpus() -> None:
    targets = targets_of(ROOT)
    sources = {
        path.stem for folder in ("fuzz", "harness/fuzz") for path in (ROOT / folder).glob("*_fuzz.cpp")
    }
    assert sources <= set(targets)
    forms = {target.form for target in targets.values()}
    assert forms == {"decisions", "formats", "json", "scenarios", "tables", "traces"}
    for target in targets.values():
        assert any(target.corpus.iterdir()), target.name
    assert target_named("layout", ROOT / "docs") == target_named("layout_fuzz", ROOT)


PROGRAM = """#!{python}
import sys, time
text = open(sys.argv[1], "rb").read()
if b"slow" in text:
    time.sleep(60)
if b"a" in text and b"z" in text:
    print("broken property: no a is with a z at 0x7ffe12")
    sys.exit(1)
"""


def test_an_input_is_made_small_and_likeness_is_what_the_target_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program"
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    findings = Findings(tmp_path / "findings")
    for text in (b"many letters: a and z", b"z, then a"):
        look_at(findings, "demo", program, text, minimises=False, execution=7)
    assert [one.outcome for one in findings.by_id.values()] == ["no a is with a z at "]
    assert next(iter(findings.by_id.values())).times == 2
    assert look_at(findings, "demo", program, b"nothing", minimises=False, execution=7) is None
    assert smallest(b"many letters: a and z", lambda text: b"a" in text and b"z" in text)[0] == b"az"
    monkeypatch.setattr("bufspec.fuzz.shown.SECONDS", 0.5)
    assert ending_of(program, b"slow") == HANGS
