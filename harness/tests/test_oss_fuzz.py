"""Do the files for OSS-Fuzz and ClusterFuzzLite build the targets as those systems run them?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "fuzz" / "oss_fuzz"
SETTINGS = ("CC", "CXX", "LIB_FUZZING_ENGINE", "OUT", "SRC")


def test_the_files_name_what_those_systems_set_and_every_target_without_python() -> None:
    script = (FILES / "build.sh").read_text()
    assert all(f'"${{{name}:?}}"' in script for name in SETTINGS)
    assert os.access(FILES / "build.sh", os.X_OK)
    listed = re.search(r"BUFSPEC_FUZZ_TARGETS:-([a-z ]+)\}", script)
    assert listed
    targets = {path.stem.removesuffix("_fuzz") for path in (ROOT / "fuzz").glob("*_fuzz.cpp")}
    assert set(listed[1].split()) == targets - {"empty"}
    lines = (ROOT / "fuzz" / "CMakeLists.txt").read_text()
    for target in listed[1].split():
        form = re.search(rf"^bufspec_fuzz_target\({target}_fuzz FORM (\w+)", lines, re.MULTILINE)
        assert form
        found = subprocess.run(
            ["bash", "-c", f"{form_of(script)}\nform_of {target}"], capture_output=True, text=True, check=True
        )
        assert found.stdout.strip() == form[1]
    project = yaml.safe_load((FILES / "project.yaml").read_text())
    assert project["language"] == "c++" and "libfuzzer" in project["fuzzing_engines"]
    assert "build.sh $SRC/build.sh" in (FILES / "Dockerfile").read_text()


def form_of(script: str) -> str:
    """The function of the script that knows the form of a target's inputs."""
    return script[script.index("form_of()") : script.index("# Of their C++ library")]


def test_without_their_settings_the_script_builds_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", FILES / "build.sh"],
        env={"PATH": os.environ["PATH"]},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0 and "SRC" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.nightly
def test_the_script_builds_a_target_that_runs(tmp_path: Path) -> None:
    if shutil.which("clang++-19") is None:
        pytest.skip("clang-19 is not installed")
    source, out = tmp_path / "src", tmp_path / "out"
    source.mkdir()
    out.mkdir()
    shutil.copytree(ROOT, source / "bufspec", ignore=shutil.ignore_patterns("build", ".venv", ".git"))
    flags = "-O1 -fsanitize=address -fsanitize=fuzzer-no-link"
    settings = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "SRC": str(source),
        "OUT": str(out),
        "WORK": str(tmp_path / "work"),
        "CC": "clang-19",
        "CXX": "clang++-19",
        "CFLAGS": flags,
        "CXXFLAGS": flags,
        "LIB_FUZZING_ENGINE": "-fsanitize=fuzzer",
        "BUFSPEC_FUZZ_TARGETS": "layout format",
    }
    done = subprocess.run(
        ["bash", source / "bufspec" / "fuzz" / "oss_fuzz" / "build.sh"],
        env=settings,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    for target in ("layout_fuzz", "format_fuzz"):
        made = {path.name for path in out.glob(f"{target}*")}
        assert made == {target, f"{target}.dict", f"{target}.options", f"{target}_seed_corpus.zip"}
        seeds = tmp_path / target
        ZipFile(out / f"{target}_seed_corpus.zip").extractall(seeds)
        ran = subprocess.run(
            [out / target, "-runs=2000", f"-dict={out / target}.dict", seeds], capture_output=True, text=True
        )
        assert ran.returncode == 0 and "Done " in ran.stderr, ran.stderr[-2000:]
