"""Do the peers of other implementations of Python speak the protocol, and are their verdicts as expected?

Each runs where it is installed (harness/adapters/remote/worlds/NAME/install), and is skipped otherwise.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from command_line import Record, events_from_lines, run

ROOT = Path(__file__).resolve().parents[2]
WORLDS = ROOT / "harness" / "adapters" / "remote" / "worlds"
INSTALLED = {
    "micropython": "node_modules/@micropython/micropython-webassembly-pyscript/micropython.mjs",
    "pyodide": "node_modules/pyodide/pyodide.mjs",
}


def peer(name: str) -> str:
    """The command of a world's peer; skips the test where it is not installed."""
    if not (ROOT / "build" / "worlds" / name / INSTALLED[name]).is_file():
        pytest.skip(f"{name} is not installed: run {WORLDS.relative_to(ROOT) / name / 'install'}")
    return str(WORLDS / name / "run")


def judged(*arguments: str) -> Record:
    done = run("check", *arguments, "--jobs", "2", "--timeout", "60", "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    return Record(done.returncode, events_from_lines(done.stdout), done.stderr)


@pytest.mark.parametrize("name", INSTALLED)
def test_a_world_has_a_readme_and_two_commands(name: str) -> None:
    assert (WORLDS / name / "README.md").read_text(encoding="utf-8").startswith("# ")
    assert all(os.access(WORLDS / name / command, os.X_OK) for command in ("install", "run"))


@pytest.mark.parametrize("name", INSTALLED)
def test_a_world_that_is_not_installed_says_so(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "harness" / "adapters" / "remote" / "worlds" / name
    folder.mkdir(parents=True)
    script = folder / "run"
    script.write_bytes((WORLDS / name / "run").read_bytes())
    done = subprocess.run(["bash", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{name}: not installed; run ")


def test_micropython_is_as_expected() -> None:
    record = judged(
        *("--remote", peer("micropython"), "--case", "request.word_0x11c", "--case", "data.*"),
        *("--case", "mutation.*", "micropython.b*"),
    )
    assert record.code == 0
    assert set(record.subjects) == {"micropython.bytes", "micropython.bytearray"}
    for one in record.subjects.values():
        assert one["conforms"] and one["granted"] > 0
    rules = record.subjects["micropython.bytearray"]["rules"]
    assert rules["lifetime.export.memory_unchanged"]["outcome"] == "pass"
    assert rules["field.strides.elements_right"]["outcome"] == "pass"
    assert rules["request.format.present"]["reason"] == "the peer cannot see format"
    assert rules["format.itemsize.agrees"]["reason"].startswith("a pointer has 4 bytes there")


@pytest.mark.nightly  # it starts for five seconds, three times
def test_pyodide_releases_one_of_two_views() -> None:
    """References are counted beyond those of the view that stays."""
    record = judged("--remote", peer("pyodide"), "--case", "data.write_full_twice", "pyodide.bytearray")
    assert record.code == 0 and not record.deaths


@pytest.mark.nightly
@pytest.mark.parametrize("name", INSTALLED)
def test_every_subject_of_a_world_is_as_expected(name: str) -> None:
    record = judged("--remote", peer(name))
    assert record.code == 0, [(one["subject"], one["rule"]) for one in record.named("case-failed")]
    assert len(record.subjects) > 5
    for subject, one in record.subjects.items():
        assert not one["deaths"] and sum(rule["outcome"] == "pass" for rule in one["rules"].values()) >= 10, (
            subject
        )


@pytest.mark.nightly
@pytest.mark.parametrize("name", INSTALLED)
def test_the_peer_of_a_world_answers_as_the_protocol_has_it(name: str) -> None:
    done = run("remote", "validate", peer(name), "--timeout", "120")
    assert done.returncode == 0, done.stdout
