"""Does the repository keep the shape that its design gives it?

Reads source text only: who includes or imports whom, how long files are, which headings a folder's README
has, whether the build lists every source.  Judges no behaviour and needs nothing built.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LONGEST_FILE = 500
README_HEADINGS = ["What lives here", "Where to start", "How to add one", "What it must not depend on"]
FOLDERS_WITH_README = ["spec", "reference", "suites", "fuzz", "harness", "reports"]

CPP = {".cpp", ".hpp", ".h"}
CODE = CPP | {".py", ".pyi", ".cmake", ".html"}
TEXT = CODE | {".yaml", ".json", ".toml", ".md", ".txt", ".dict"}

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def tracked_files() -> list[Path]:
    """Every file of ours, new ones included, what git ignores left out."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [ROOT / name for name in listing.split("\0") if name and (ROOT / name).is_file()]


FILES = tracked_files()


def files_under(folder: str, suffixes: set[str]) -> list[Path]:
    return [path for path in FILES if path.is_relative_to(ROOT / folder) and path.suffix in suffixes]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def includes_of(path: Path) -> Iterator[str]:
    for match in INCLUDE.finditer(path.read_text(encoding="utf-8")):
        yield match[1]


def includes_matching(paths: list[Path], pattern: str) -> list[str]:
    found = [(path, name) for path in paths for name in includes_of(path) if re.search(pattern, name)]
    return [f"{relative(path)}: {name}" for path, name in found]


def imports_of(path: Path) -> set[str]:
    """The modules that a Python file imports, by full name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return names


def test_the_reference_knows_neither_python_nor_yaml_nor_the_layers_above() -> None:
    reference = files_under("reference", CPP)
    assert reference
    above = r"Python\.h|yaml-cpp|nlohmann|gtest|rapidcheck|suites/|harness/|fuzz/"
    assert includes_matching(reference, above) == []


def test_only_one_file_reads_yaml_in_cpp() -> None:
    cpp = [path for path in FILES if path.suffix in CPP]
    users = {relative(path) for path in cpp if any("yaml-cpp" in name for name in includes_of(path))}
    assert users == {"suites/support/tables_yaml.cpp"}


def test_suites_know_no_subject() -> None:
    assert includes_matching(files_under("suites", CPP), r"Python\.h|harness/|fuzz/") == []


def test_conformance_suites_know_no_test_framework() -> None:
    assert includes_matching(files_under("suites/conformance", CPP), r"gtest|gmock|rapidcheck") == []


def test_the_engine_is_the_floor_under_the_suites() -> None:
    """Its tests may use the tables and the lists of cases; it may not."""
    engine = [path for path in files_under("suites/engine", CPP) if path.parent.name != "tests"]
    assert engine
    above = r"Python\.h|yaml-cpp|gtest|rapidcheck|tables|suites/(?!engine/)|harness/|fuzz/"
    assert includes_matching(engine, above) == []


def test_fuzz_targets_stay_below_the_harness() -> None:
    assert includes_matching(files_under("fuzz", CPP), r"Python\.h|yaml-cpp|harness/") == []


def test_only_the_cpython_adapter_and_tests_include_python() -> None:
    cpp = [path for path in FILES if path.suffix in CPP]
    users = [relative(path) for path in cpp if "Python.h" in set(includes_of(path))]
    allowed = ("harness/adapters/cpython/", "harness/subjects/mutants/native/", "harness/tests/")
    assert [name for name in users if not name.startswith(allowed)] == []


def test_native_mutants_know_of_the_adapter_only_how_it_calls_python() -> None:
    native = files_under("harness/subjects/mutants/native", CPP)
    assert native
    elsewhere = (
        r"harness/(?!subjects/mutants/native/|adapters/cpython/api/)|suites/(?!engine/observe/|support/)"
    )
    other = rf"\.\./|{elsewhere}|fuzz/"
    assert includes_matching(native, other) == []
    adapter = files_under("harness/adapters", CPP)
    assert includes_matching([*adapter, *files_under("suites", CPP)], "harness/subjects/") == []


def subject_files() -> list[Path]:
    return [path for path in files_under("harness/subjects", {".py"}) if path.name != "__init__.py"]


@pytest.mark.parametrize("path", subject_files(), ids=relative)
def test_a_subject_imports_its_package_and_the_declarations_only(path: Path) -> None:
    package = path.stem.partition("_consumers")[0]
    for name in imports_of(path):
        top = name.split(".")[0]
        if package == "stdlib":
            allowed = top in sys.stdlib_module_names or top.startswith("_test")
        else:
            allowed = top == package or top in sys.stdlib_module_names
        assert allowed or name == "bufspec.declare", f"{relative(path)} imports {name}"


def test_no_file_is_longer_than_it_may_be() -> None:
    # Rule tables are as long as their area has rules.
    code = [path for path in FILES if path.suffix in CODE or path.name == "CMakeLists.txt"]
    lengths = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in code}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize("folder", FOLDERS_WITH_README)
def test_a_folder_says_what_it_is(folder: str) -> None:
    readme = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", readme, re.MULTILINE) == README_HEADINGS


def test_no_file_names_a_place_on_one_machine() -> None:
    # /usr/bin and /usr/local/bin are the same everywhere; homes and work folders are not.
    place = re.compile(r"(?<![\w.~}])/(?:home|root|Users|work|tmp/[a-z]|workspace)/[\w.]")
    found = []
    for path in FILES:
        if path == Path(__file__).resolve() or not (path.suffix in TEXT or path.parent.name == ".ci"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if place.search(line):
                found.append(f"{relative(path)}:{number}: {line.strip()}")
    assert found == []


def test_every_cpp_file_says_which_question_it_answers() -> None:
    silent = [
        relative(path)
        for path in FILES
        if path.suffix in CPP and not path.read_text(encoding="utf-8").startswith(("//", "#include"))
    ]
    assert silent == []
    headers = [path for path in FILES if path.suffix in {".hpp", ".h"}]
    assert [relative(path) for path in headers if not path.read_text(encoding="utf-8").startswith("//")] == []


def test_the_build_lists_every_source() -> None:
    listed = "".join(path.read_text(encoding="utf-8") for path in FILES if path.name == "CMakeLists.txt")
    assert "GLOB" not in listed
    sources = [path for path in FILES if path.suffix == ".cpp"]
    # fuzz/ and some tests name their targets without the ending.
    unlisted = [
        relative(path)
        for path in sources
        if not re.search(rf"(?<![\w]){re.escape(path.stem)}(?:\.cpp)?(?![\w])", listed)
    ]
    assert unlisted == []


def test_every_fuzz_target_has_a_corpus() -> None:
    targets = [path.stem for path in files_under("fuzz", {".cpp"}) if path.stem.endswith("_fuzz")]
    assert targets
    assert [name for name in targets if not any((ROOT / "fuzz" / "corpus" / name).iterdir())] == []
