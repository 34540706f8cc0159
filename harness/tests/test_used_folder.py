"""Is what an earlier run wrote kept, unless --force says that it may go?"""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import run

CHECK = ("check", "stdlib.bytearray", "--case", "request.word_0x000")
PAIRS = ("pairs", "--exporters", "stdlib.bytearray", "--consumer", "zlib:crc32")
COMMANDS = {
    "check": (CHECK, "events.jsonl"),
    "pairs": (PAIRS, "pairs.jsonl"),
    "traces": ((*PAIRS, "--trace"), "traces.jsonl"),
    "mutants": (("mutants", "no_such_*"), "mutants.json"),
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.slow
def test_a_record_is_replaced_only_by_force(tmp_path: Path, name: str) -> None:
    command, file = COMMANDS[name]
    (tmp_path / file).write_text("the only copy\n", encoding="utf-8")
    (tmp_path / "more").write_text("of somebody\n", encoding="utf-8")
    refused = run(*command, "--out", str(tmp_path))
    assert refused.returncode == 2
    assert f"{file} of an earlier run is there" in refused.stderr
    assert "--force" in refused.stderr
    assert (tmp_path / file).read_text(encoding="utf-8") == "the only copy\n"
    if name != "mutants":  # which takes its time
        done = run(*command, "--out", str(tmp_path), "--force")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / file).read_text(encoding="utf-8") != "the only copy\n"
    assert (tmp_path / "more").read_text(encoding="utf-8") == "of somebody\n"


@pytest.mark.slow
def test_a_folder_without_a_record_is_used(tmp_path: Path) -> None:
    (tmp_path / "more").write_text("of somebody\n", encoding="utf-8")
    assert run(*CHECK, "--out", str(tmp_path)).returncode == 0


def test_an_interrupted_run_is_continued_or_replaced_by_force(tmp_path: Path) -> None:
    (tmp_path / "unfinished").mkdir()
    refused = run(*CHECK, "--out", str(tmp_path))
    assert refused.returncode == 2
    assert f"--resume {tmp_path}" in refused.stderr
    assert run(*CHECK, "--out", str(tmp_path), "--force").returncode == 0


def test_force_alone_means_nothing() -> None:
    for command, _ in COMMANDS.values():
        done = run(*command, "--force")
        assert done.returncode == 2
        assert "--out" in done.stderr
