"""Do the example projects keep the protocol by their own gates, and does each gate see a break?

Each is built as its users would build it, installed in a clean environment with bufspec's own wheel, and
judged by `bufspec check` without arguments in the folder of the project.  `make build/stamps/wheel` makes
bufspec's wheel.
"""

from __future__ import annotations

import importlib.resources
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "harness/examples"
CARGO = Path.home() / ".cargo/bin"
"""Where cargo is if it did not come with the system."""
EXIT_AS_EXPECTED, EXIT_BROKEN = 0, 1


@frozen
class Break:
    """What is spoilt in one place of an example, and what its gate then says."""

    file: str
    right: str
    wrong: str
    said: str


BREAKS = {
    "c": Break(
        "matrix_in_c.c",
        "if (self->exports > 0) {",
        "if (self->exports > 1) {",
        "lifetime.export.memory_valid",
    ),
    "cython": Break(
        "ring_in_cython.pyx",
        "view.strides = self.strides if (flags & PyBUF_STRIDES) == PyBUF_STRIDES else NULL",
        "view.strides = NULL",
        "request.strides.strides_present",
    ),
    "pybind11": Break(
        "image_in_pybind11.cpp", "{pitch(), py::ssize_t{1}}", "{columns_, py::ssize_t{1}}", "elements"
    ),
    "nanobind": Break(
        "columns_in_nanobind.cpp", "if (exports > 0)", "if (exports > 1)", "lifetime.export.memory_valid"
    ),
    "rust": Break("src/lib.rs", "if self.exports > 0", "if self.exports > 1", "lifetime.export.memory_valid"),
    "consumer_c": Break(
        "totals_in_c.c",
        "PyBuffer_Release(&view); /* on every path */",
        "",
        "consumer.release.exactly_once",
    ),
    "consumer": Break(
        "checksums_in_python.py", "view.tobytes()", 'view.tobytes(order="A")', "consumer.data.memory_order"
    ),
}


def own_wheel() -> Path:
    """bufspec's wheel, which must hold what is installed here."""
    wheels = sorted((ROOT / "build/wheelhouse").glob("bufspec-*.whl"))
    assert len(wheels) == 1, "make build/stamps/wheel"
    package = importlib.resources.files("bufspec")
    with zipfile.ZipFile(wheels[0]) as wheel:
        for name in wheel.namelist():
            if name.startswith("bufspec/") and name.endswith(".py"):
                here = package.joinpath(*name.split("/")[1:])
                assert here.read_bytes() == wheel.read(name), (
                    f"{name} is another one: make build/stamps/wheel"
                )
    return wheels[0]


def call(*words: str | Path, cwd: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program without what this process has on its paths, but with `path` in front."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    folders = [*([str(path)] if path else []), os.environ["PATH"], str(CARGO)]
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=environment | {"PATH": os.pathsep.join(folders)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def pip(python: Path | str, *words: str | Path, cwd: Path) -> None:
    done = call(python, "-m", "pip", "--quiet", *words, cwd=cwd)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment that holds bufspec's wheel and what that needs."""
    folder = tmp_path_factory.mktemp("environment")
    done = call(sys.executable, "-m", "venv", folder / "env", cwd=folder)
    assert done.returncode == 0, done.stderr
    programs = folder / "env/bin"
    pip(programs / "python", "install", "--no-compile", own_wheel(), cwd=folder)
    return programs


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `clean`, but what the wheel needs is seen where this environment has it: that takes a moment."""
    folder = tmp_path_factory.mktemp("near")
    done = call(sys.executable, "-m", "venv", "--without-pip", folder / "env", cwd=folder)
    assert done.returncode == 0, done.stderr
    (packages,) = (folder / "env/lib").glob("python3.*/site-packages")
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    programs = folder / "env/bin"
    alone = ("--no-compile", "--no-deps", "--ignore-installed")
    pip(programs / "python", "install", *alone, own_wheel(), cwd=folder)
    return programs


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the module's tests, where cargo keeps what it has compiled."""
    return tmp_path_factory.mktemp("target")


def install(project: Path, clean: Path, *, isolated: bool) -> None:
    """Build the wheel of a project, and install it without anything else."""
    shutil.rmtree(project / "wheels", ignore_errors=True)
    isolation = () if isolated else ("--no-build-isolation",)
    pip(sys.executable, "wheel", "--no-deps", *isolation, "--wheel-dir", "wheels", ".", cwd=project)
    (wheel,) = (project / "wheels").glob("*.whl")
    pip(clean / "python", "install", "--no-deps", "--force-reinstall", wheel, cwd=project)


def passes(name: str, clean: Path, folder: Path, *, isolated: bool) -> Path:
    """Judge a copy of an example as it is; the folder of the copy."""
    project = folder / name
    shutil.copytree(EXAMPLES / name, project)
    install(project, clean, isolated=isolated)
    done = call("bufspec", "check", cwd=project, path=clean)
    assert done.returncode == EXIT_AS_EXPECTED, done.stdout + done.stderr
    return project


def sees_the_break(project: Path, clean: Path, *, isolated: bool) -> None:
    """Judge the copy again, with the break of its example."""
    one = BREAKS[project.name]
    text = (project / one.file).read_text(encoding="utf-8")
    assert text.count(one.right) == 1
    (project / one.file).write_text(text.replace(one.right, one.wrong), encoding="utf-8")
    install(project, clean, isolated=isolated)
    done = call("bufspec", "check", cwd=project, path=clean)
    assert done.returncode == EXIT_BROKEN, done.stdout + done.stderr
    assert one.said in done.stdout


@pytest.mark.parametrize("environment", ["near", pytest.param("clean", marks=pytest.mark.nightly)])
def test_the_exporter_in_c_passes_its_gate_which_sees_a_break(
    environment: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    programs: Path = request.getfixturevalue(environment)
    project = passes("c", programs, tmp_path, isolated=False)
    # What `bufspec init` writes for it is a gate, too.
    started = tmp_path / "started"
    started.mkdir()
    done = call("bufspec", "init", "matrix_in_c", cwd=started, path=programs)
    assert "1 of 1 types" in done.stdout, done.stdout + done.stderr
    done = call("bufspec", "check", "--case", "request.*", cwd=started, path=programs)
    assert done.returncode == EXIT_AS_EXPECTED, done.stdout + done.stderr
    assert "matrix_in_c.Matrix" in done.stdout
    sees_the_break(project, programs, isolated=False)


@pytest.mark.nightly
@pytest.mark.parametrize("name", sorted(set(BREAKS) - {"c"}))
def test_an_example_passes_its_gate_which_sees_a_break(
    name: str, clean: Path, tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARGO_TARGET_DIR", str(kept))
    sees_the_break(passes(name, clean, tmp_path, isolated=True), clean, isolated=True)


@pytest.mark.nightly
@pytest.mark.parametrize("name", sorted(BREAKS))
def test_an_example_works_with_the_exporters_and_consumers_of_others(
    name: str, clean: Path, tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARGO_TARGET_DIR", str(kept))
    project = tmp_path / name
    shutil.copytree(EXAMPLES / name, project)
    install(project, clean, isolated=True)
    done = call("bufspec", "pairs", cwd=project, path=clean)
    assert done.returncode == EXIT_AS_EXPECTED, done.stdout + done.stderr


@pytest.mark.nightly
def test_the_recipe_for_a_shell_installs_and_judges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "c"
    shutil.copytree(EXAMPLES / "c", project)
    monkeypatch.setenv("BUFSPEC", str(own_wheel()))
    monkeypatch.setenv("PYTHON", sys.executable)
    done = call("bash", ROOT / "harness/ci/gate.sh", cwd=project)
    assert done.returncode == EXIT_AS_EXPECTED, done.stdout + done.stderr
    assert "matrix_in_c.matrix" in done.stdout


def test_each_example_has_a_break_and_no_example_is_in_the_wheel() -> None:
    assert {one.name for one in EXAMPLES.iterdir() if one.is_dir()} == set(BREAKS)
    with zipfile.ZipFile(own_wheel()) as wheel:
        names = wheel.namelist()
    assert [name for name in names if "example" in name or "matrix_in_c" in name or "docs/" in name] == []
