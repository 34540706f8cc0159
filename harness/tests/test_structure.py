"""Does the repository keep the shape that its design gives it?

Reads source text only: who includes or imports whom, how long files are, which headings a folder's README
has, whether the build lists every source.  Judges no behaviour and needs nothing built.
"""

from __future__ import annotations

import ast
import json
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
            module = "." * node.level + (node.module or "")
            names.update(
                f"bufspec.{alias.name}" for alias in node.names
            ) if module == "bufspec" else names.add(module)
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
    """Those that need more live in harness/fuzz/, which nothing else includes."""
    fuzz = files_under("fuzz", CPP)
    assert fuzz
    assert includes_matching(fuzz, r"Python\.h|yaml-cpp|harness/|suites/(?!engine/|support/)") == []
    cpp = [path for path in FILES if path.suffix in CPP and not path.is_relative_to(ROOT / "harness/fuzz")]
    assert includes_matching(cpp, r"harness/fuzz/") == []


def test_targets_of_the_harness_need_an_interpreter_or_an_adapter_without_python() -> None:
    targets = files_under("harness/fuzz", CPP)
    assert targets
    assert includes_matching(targets, r"yaml-cpp|harness/(?!adapters/native/)") == []


def test_only_the_cpython_adapter_and_tests_include_python() -> None:
    cpp = [path for path in FILES if path.suffix in CPP]
    users = [relative(path) for path in cpp if "Python.h" in set(includes_of(path))]
    allowed = (
        "harness/adapters/cpython/",
        "harness/fuzz/",
        "harness/subjects/mutants/native/",
        "harness/tests/",
    )
    assert [name for name in users if not name.startswith(allowed)] == []


def test_the_native_adapter_knows_no_python_and_no_other_adapter() -> None:
    native = files_under("harness/adapters/native", CPP)
    assert native
    assert includes_matching(native, r"Python\.h|harness/(?!adapters/native/)|fuzz/") == []


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


MUTANTS = ("bufspec.tables.", "bufspec.subjects.mutants", "bufspec.bridges.")


# What a package of the zoo works with, and cannot be tried without.
ALSO = {
    "PySide6": ("shiboken6",),
    "PyQt6": ("numpy",),
    "Bio": ("numpy",),
    "SimpleITK": ("numpy",),
    "astropy": ("numpy",),
    "cv2": ("numpy",),
    "mlx": ("numpy",),
    "ncnn": ("numpy",),
    "pyarrow": ("numpy",),
    "vtkmodules": ("numpy",),
}


def subject_files() -> list[Path]:
    return [path for path in files_under("harness/subjects", {".py"}) if path.name != "__init__.py"]


@pytest.mark.parametrize("path", subject_files(), ids=relative)
def test_a_subject_imports_its_package_and_the_declarations_only(path: Path) -> None:
    package = path.stem.partition("_consumers")[0]
    # What the subjects of mutants/ are about is the tables of mutants and the engine's machine.
    own = MUTANTS if path.parent.name == "mutants" else ()
    for name in imports_of(path):
        top = name.split(".")[0]
        if package == "stdlib":
            allowed = top in sys.stdlib_module_names or top.startswith("_test")
        else:
            allowed = top == package or top in sys.stdlib_module_names or top in ALSO.get(package, ())
        assert allowed or name.startswith(("bufspec.declare", *own)), f"{relative(path)} imports {name}"


# Which package of the driver may import which; each may also import what those may that it names.  A module
# beside the packages stands for itself, `bufspec` is the public door, bufspec/__init__.py.
ARROWS = {
    "__main__": {"cli"},
    "cli": {"commands", "reports"},
    "bufspec": {"testing"},
    "commands": {
        "doctor",
        "fuzz",
        "manual",
        "laboratory",
        "replay",
        "pairs",
        "mutants",
        "measure",
        "merge",
        "runtimes",
        "zoo",
        "project",
        "interposed",
        "spec",
        "reports",
    },
    "testing": {"replay", "run", "reports"},
    "fuzz": {"replay"},
    "replay": {"run", "scripts", "reports"},
    "pairs": {"run"},
    "merge": {"run", "reports"},
    # an application that is recorded is no subject: nothing is run or isolated
    "interposed": {"run", "tables", "_engine", "reports"},
    "mutants": {"run"},
    "measure": {"run"},
    # spec: files of expectations are read with the care that tables get, records checked by their schema
    "run": {"isolation", "spec", "values"},
    # a configuration is held against its schema as tables are
    "project": {"spec"},
    "scripts": {"isolation", "values", "bridges"},
    "isolation": {"worker", "interpreters"},
    # which interpreter a worker is started in, and what expectations and versions are those of
    "interpreters": {"files"},
    "worker": {"remote", "processes", "subjects", "files", "bridges"},
    # the schemas of messages explain what is wrong in the words of those of the tables
    "remote": {"wire", "spec"},
    "subjects": {"tables", "bridges"},
    "bridges": set(),
    "wire": {"declare", "_engine", "values", "files"},
    # other implementations answer as peers do
    "runtimes": {"run", "reports", "remote"},
    "zoo": {"pairs", "reports"},
    "doctor": {"tables", "interpreters"},
    "laboratory": {"tables", "_engine"},
    "manual": set(),
    "processes": set(),
    "spec": {"words", "files", "processes"},
    "files": {"errors"},
    "tables": {"declare", "words", "files"},
    "declare": {"declaring", "fits", "inside", "elsewhere", "library", "words"},
    "declaring": {"errors", "library"},
    "library": set(),
    "elsewhere": {"errors"},
    "inside": set(),
    "fits": {"errors"},
    "errors": {"visible"},
    "visible": set(),
    "reports": {"words", "values", "visible"},
    "values": {"words"},
    "words": set(),
    "_engine": set(),
}
NAMES_OF_TYPES = {
    "reports": {
        "doctor",
        "fuzz",
        "laboratory",
        "interpreters",
        "interposed",
        "run",
        "replay",
        "pairs",
        "mutants",
        "measure",
    }
}
"""What a package imports for the names of types alone, under `if TYPE_CHECKING`: values that it is handed."""
BY_NAME = {("cli", "commands")}
"""Arrows that no import statement shows: the module is found by its name."""
STARTERS = {"isolation/forked.py", "isolation/in_process.py", "isolation/keeper.py"}
"""The only modules above the worker that import it: they start it in a process of their own making."""


def package_of(module: str) -> str:
    """The package, or the module beside the packages, that a module of bufspec belongs to."""
    return module.split(".")[1] if "." in module else module


def driver_files() -> Iterator[tuple[str, Path]]:
    """The files of the installed package, each with the package that it belongs to."""
    for path in files_under("harness/bufspec", {".py"}):
        within = path.relative_to(ROOT / "harness/bufspec")
        package = within.parts[0].removesuffix(".py")
        yield ("bufspec" if package == "__init__" else package), path
    for package, folder in (("reports", "reports"), ("subjects", "harness/subjects")):
        for path in files_under(folder, {".py"}):
            yield package, path


def arrows_of(path: Path) -> Iterator[tuple[str, bool]]:
    """The packages of bufspec that a file imports, wherever it does, and whether for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
    for_types = {
        id(inner)
        for block in blocks
        if isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for statement in block.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{relative(path)}:{node.lineno} imports relatively"
            names = [node.module or ""]
            if node.module == "bufspec":
                names = [f"bufspec.{alias.name}" for alias in node.names if alias.name != "__version__"]
        for name in names:
            if name.split(".")[0] == "bufspec":
                yield package_of(name), id(node) in for_types


def below(package: str) -> set[str]:
    """What a package may import, by its own arrows and by those of what it imports."""
    found: set[str] = set()
    waiting = set(ARROWS[package])
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting |= ARROWS[one]
    return found


@pytest.mark.slow
def test_the_packages_of_the_driver_point_one_way() -> None:
    assert [package for package in ARROWS if package in below(package)] == []
    seen: set[tuple[str, str]] = set()
    wrong = []
    for package, path in driver_files():
        for other, for_types in arrows_of(path):
            names = NAMES_OF_TYPES.get(package, set()) if for_types else set()
            seen.add((package, other))
            if other != package and other not in below(package) | names:
                wrong.append(f"{relative(path)}: {package} -> {other}")
    assert wrong == []
    listed = {
        (package, other) for package, others in (*ARROWS.items(), *NAMES_OF_TYPES.items()) for other in others
    }
    assert listed - seen == BY_NAME, "an arrow that nothing needs"


@pytest.mark.slow
def test_only_what_starts_a_worker_imports_it() -> None:
    above = {package for package in ARROWS if "worker" in below(package)}
    users = {
        path.relative_to(ROOT / "harness/bufspec").as_posix()
        for package, path in driver_files()
        if package in above and any(other == "worker" for other, _ in arrows_of(path))
    }
    assert users == STARTERS


def test_packages_of_the_driver_offer_nothing_of_their_own() -> None:
    # The public door alone does; whoever wants a name imports the module that has it.
    inits = [path for _, path in driver_files() if path.name == "__init__.py"]
    packages = [one for one in inits if not one.is_relative_to(ROOT / "harness/subjects")]
    door = ROOT / "harness/bufspec/__init__.py"
    assert door in packages
    for path in packages:
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert path == door or (len(body) == 1 and isinstance(body[0], ast.Expr)), relative(path)


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
    # Tests compile what is injected and what bindings make, and each of examples/ is a project of its own.
    apart = (ROOT / "harness/tests/injected", ROOT / "harness/tests/bindings", ROOT / "harness/examples")
    sources = [path for path in FILES if path.suffix == ".cpp" and not any(map(path.is_relative_to, apart))]
    # fuzz/ and some tests name their targets without the ending.
    unlisted = [
        relative(path)
        for path in sources
        if not re.search(rf"(?<![\w]){re.escape(path.stem)}(?:\.cpp)?(?![\w])", listed)
    ]
    assert unlisted == []


def test_each_seeded_defect_still_has_its_place() -> None:
    """That the targets find them is shown nightly: it needs a build of its own."""
    defects = json.loads((ROOT / "fuzz/defects/defects.json").read_text(encoding="utf-8"))
    assert len({one["name"] for one in defects}) == len(defects) >= 15
    for one in defects:
        source = (ROOT / "reference/src" / one["file"]).read_text(encoding="utf-8")
        assert source.count(one["from"]) == 1 and one["to"] != one["from"], one["name"]
        assert (ROOT / "fuzz" / f"{one['target']}.cpp").is_file(), one["name"]


MOST_CORPUS_BYTES = 5 << 20


def test_every_fuzz_target_has_a_corpus() -> None:
    inputs = 0
    for folder in ("fuzz", "harness/fuzz"):
        corpus = ROOT / folder / "corpus"
        targets = [path.stem for path in files_under(folder, {".cpp"}) if path.stem.endswith("_fuzz")]
        assert targets
        assert [name for name in targets if not any((corpus / name).iterdir())] == []
        assert sorted(path.name for path in corpus.iterdir()) == sorted(targets), "a corpus of no target"
        inputs += sum(path.stat().st_size for path in corpus.rglob("*") if path.is_file())
    assert inputs < MOST_CORPUS_BYTES
