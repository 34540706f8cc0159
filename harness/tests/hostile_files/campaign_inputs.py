"""Campaigns of others: what `bufspec merge` and `bufspec fuzz promote` are handed."""

from __future__ import annotations

import ast
import json
import random
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, evolve
from bufspec.errors import BufspecError
from bufspec.fuzz.finding import WRITTEN, Finding, Findings, Status
from bufspec.fuzz.gathered import CAMPAIGN_FILE, gather
from bufspec.fuzz.promote import promote
from hostile_files.rows import Input, Prepare, Row, cut, fault_of, not_files, texts, with_other_byte, writes

ID = "3f2a00000000"
FOUND = f"findings/{ID}.json"
SCRIPT, TRACE, CORPUS = f"findings/{ID}.py", f"findings/{ID}.trace.json", "corpus/aa/1"
OWNED = "owned_by_a_campaign"
"""The name of what a campaign would make of the machine, if a text of it were run or taken for a path."""
FINDING = Finding(
    ID,
    "stdlib.bytearray",
    "exporter",
    "request.strides.strides_present",
    "",
    "00",
    1,
    0,
    status=Status.NEWS,
    described="acquire 0x018 (STRIDES)",
    likeness="strides",
    expected="strides",
    found="NULL",
    level="required",
    replay="bufspec replay stdlib.bytearray/scenario:00",
)
CAMPAIGN: dict[str, Any] = {
    "asked": {"subjects": ["stdlib.bytearray"], "seed": 3118, "shard": [1, 2], "jobs": 1},
    "spent": {"stdlib.bytearray": 1.5},
    "subjects": {
        "stdlib.bytearray": {
            "executions": 30,
            "steps": 300,
            "failing": 1,
            "deaths": 0,
            "buckets": 12,
            "kept": 5,
            "unfit": 0,
            "covered": False,
            "failed": {"request.strides.strides_present": 1},
            "seconds": 1.5,
            "error": "",
        }
    },
}
VALUES: Mapping[str, Any] = {
    "null": None,
    "true": True,
    "-1": -1,
    "1e308": 1e308,
    "a number of 64 bits": (1 << 64) - 1,
    "a text": "x",
    "a surrogate": "\ud800",
    "NUL": "a\0b",
    "a path upwards": f"../../{OWNED}",
    "a path": f"/tmp/{OWNED}",
    "code": f'"""\nopen("{OWNED}", "w")\n"""',
    "code behind a line end": f'x\ropen("{OWNED}", "w")',
    "an open quotation": "bufspec '",
    "another command": "bufspec check 'os:system(\"true\")'",
    "a list": [],
    "a list of numbers": [1, 2],
    "an object": {},
    "nested": {"a": [{}]},
}


def campaign(path: Path) -> None:
    """A part of a campaign with one finding, its script and trace, and a corpus."""
    (path / "corpus" / "aa").mkdir(parents=True)
    (path / CORPUS).write_bytes(b"\0")
    (path / CAMPAIGN_FILE).write_text(json.dumps(CAMPAIGN), encoding="utf-8")
    Findings(path / "findings").save(evolve(FINDING, script="print(1)\n", trace={"steps": []}))


def read(path: Path) -> str | None:
    """Put together with nothing else, and promoted: refused, or nothing but files of ours in their places."""
    together, to = path.with_name(f"{path.name}-together"), path.with_name(f"{path.name}-to")
    to.mkdir()
    refused = []
    try:
        for work in (lambda: gather([path], together), lambda: promote(path, ID, to)):
            try:
                work()
            except BufspecError as error:
                refused.append(error)
        return next((fault for one in refused if (fault := fault_of(one))), None) or _harm(path, together, to)
    finally:
        for place in (together, to):
            shutil.rmtree(place, ignore_errors=True)


def _harm(path: Path, together: Path, to: Path) -> str | None:
    names = {one.name for one in together.glob("findings/*")} - {
        Path(one).name for one in (FOUND, SCRIPT, TRACE)
    }
    if names or list(path.parents[1].rglob(f"{OWNED}*")) or Path(f"/tmp/{OWNED}.json").exists():
        return f"wrote other files: {sorted(names)}"
    for file in to.glob("*.py"):
        kinds = [type(one).__name__ for one in ast.parse(file.read_bytes()).body]
        if kinds != ["Expr", "Import", "Import", "Assign", "FunctionDef"]:
            return f"the test has other statements: {kinds}"
        (words,) = (
            ast.literal_eval(one.value)
            for one in ast.parse(file.read_bytes()).body
            if isinstance(one, ast.Assign)
        )
        if words[:1] != ["replay"]:
            return f"the test runs bufspec {words}"
    return None


def _with(name: str, *keys: str, value: Any) -> Prepare:
    def prepare(path: Path) -> None:
        whole = json.loads((path / name).read_text(encoding="utf-8"))
        place = whole
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = value
        (path / name).write_text(json.dumps(whole), encoding="utf-8")

    return prepare


def _places() -> Iterator[tuple[str, ...]]:
    yield from ((CAMPAIGN_FILE, key) for key in CAMPAIGN)
    yield from ((CAMPAIGN_FILE, "asked", key) for key in CAMPAIGN["asked"])
    yield (CAMPAIGN_FILE, "subjects", "stdlib.bytearray")
    counted = CAMPAIGN["subjects"]["stdlib.bytearray"]
    yield from ((CAMPAIGN_FILE, "subjects", "stdlib.bytearray", key) for key in counted)
    yield (CAMPAIGN_FILE, "subjects", "stdlib.bytearray", "failed", "request.strides.strides_present")
    yield from ((FOUND, key) for key in (*WRITTEN, "script", "trace", "other"))


def campaigns(draw: random.Random) -> Iterator[Input]:
    """Files that are none, each field with values that it cannot have, files cut or with another byte."""
    for name in (CAMPAIGN_FILE, FOUND, SCRIPT, TRACE, CORPUS):
        yield from not_files(name)
    for name in (CAMPAIGN_FILE, FOUND, TRACE):
        yield from texts(name)
    for place in _places():
        for label, value in VALUES.items():
            yield Input(f"{'.'.join(place)}: {label}", _with(*place, value=value))
    whole = json.dumps(CAMPAIGN).encode()
    found = json.dumps({key: value for key, value in asdict(FINDING).items() if key in WRITTEN}).encode()
    for _ in range(100):
        for name, raw in ((CAMPAIGN_FILE, whole), (FOUND, found)):
            yield Input(f"{name} cut", writes(cut(draw, raw), name))
            yield Input(f"another byte in {name}", writes(with_other_byte(draw, raw), name))


ROWS = [lambda: Row("campaigns", campaign, campaigns, read)]
