"""Records and states of interrupted runs that were damaged or forged: what --record and --resume read."""

from __future__ import annotations

import io
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import anyio
from attrs import evolve, frozen
from bufspec.errors import BufspecError
from bufspec.isolation.supervisor import SubjectRun, Supervisor
from bufspec.replay.named import case_from_record
from bufspec.reports.wording.sentences import in_words
from bufspec.run.check import run_plan
from bufspec.run.kept import Kept
from bufspec.run.plan import Options, Plan, make_plan
from bufspec.run.record import EVENTS_FILE, Event, Recorder, json_from_event, signed_event
from bufspec.run.recorded import open_record
from bufspec.run.resume import FOLDER, asked_in, begun
from hostile_files.rows import (
    Input,
    Prepare,
    Row,
    cut,
    edits,
    fault_of,
    fresh,
    not_files,
    texts,
    with_other_byte,
    writes,
)

EXPRESSION = "ctypes:(c_int * 2)()"
ASKED = Options(
    patterns=("stdlib.bytes",),
    expressions=(EXPRESSION,),
    rules=("request.strides.*",),
    case_patterns=("request.word_0x018",),
)
OPTIONS, PLAN, FINISHED, DRIVER = (
    f"{FOLDER}/{name}" for name in ("options.json", "plan.json", "0000.finished.json", "driver")
)


@frozen(eq=False)
class Genuine:
    """A run of ours that was interrupted after its first subject, and the record of one that was not."""

    folder: Path
    plan: Plan
    finished: dict[int, SubjectRun]
    record: bytes


@cache
def genuine() -> Genuine:
    """One for all inputs."""
    out = Path(tempfile.mkdtemp(prefix="bufspec-genuine-"))

    async def run() -> Genuine:
        with begun(out, ASKED) as work:
            async with Supervisor(work / "plan.log") as supervisor:
                plan = await make_plan(ASKED, work, supervisor)
            kept = Kept(work, plan)
            kept.begin()
            with Recorder.open(out) as recorder:

                def emit(event: Event) -> None:
                    recorder.write(signed_event(in_words(json_from_event(event))))

                await run_plan(plan, work, emit, kept=kept)
            (work / "0001.finished.json").unlink()
            kept.begin()
            state = out.with_name(f"{out.name}-state")
            shutil.copytree(out, state)
        shutil.rmtree(out)
        record = (state / EVENTS_FILE).read_bytes()
        return Genuine(state, plan, dict(kept.finished), record)

    return anyio.run(run)


def interrupted(path: Path) -> None:
    """A run of ours that can be continued."""
    shutil.copytree(genuine().folder, path)
    (path / EVENTS_FILE).unlink()
    (path / DRIVER).write_text("1 0\n")  # of a process that runs no more


def continued(path: Path) -> str | None:
    """Whether the state is refused, or is the genuine one."""
    if asked_in(path) != ASKED:
        return "other options"
    kept = Kept(path / FOLDER, genuine().plan)
    kept.begin()
    return None if kept.finished == genuine().finished else "another state was taken up"


def resume_states(draw: random.Random) -> Iterator[Input]:
    """Damage to each file of a state."""
    for name in (OPTIONS, PLAN, FINISHED):
        yield from labelled(name, texts(name))
        yield from labelled(name, not_files(name))
        raw = (genuine().folder / name).read_bytes()
        for damage in (cut, with_other_byte):
            for _ in range(30):
                yield Input(f"{damage.__name__} of {name}", writes(damage(draw, raw), name))
    yield from labelled(DRIVER, texts(DRIVER))
    yield from labelled(DRIVER, not_files(DRIVER))
    for label, key, value in (
        ("a timeout that is not a number", "timeout", float("nan")),
        ("a timeout that never ends", "timeout", float("inf")),
        ("a timeout that is a text", "timeout", "10"),
        ("another expression", "expressions", ["os:system('true')"]),
        ("a file", "files", ["/nowhere.py"]),
        ("a seed that is a text", "seed", "abc"),
        ("a negative seed", "seed", -1),
        ("an edition that is none", "edition", "2525"),
        ("patterns that are a text", "patterns", "stdlib.bytes"),
        ("patterns of lists", "patterns", [[]]),
        ("an unknown option", "surprise", 1),
        ("a bound that is none", "bound", "\x1b[31m"),
    ):
        yield Input(label, changes(OPTIONS, lambda kept, k=key, v=value: kept["options"].update({k: v})))  # type: ignore[misc]
    for label, key, value in (
        ("another directory", "directory", "/nowhere\x1b[31m"),
        ("a directory that is a list", "directory", []),
        ("another command", "command", "pairs"),
        ("a command that is none", "command", "\x1b[31m"),
    ):
        yield Input(label, changes(OPTIONS, lambda kept, k=key, v=value: kept.update({k: v})))  # type: ignore[misc]
    for label, change in FORGERIES.items():
        yield Input(label, changes(FINISHED, change))
    for key in ("tables", "versions", "subjects", "cases", "options", "signature"):
        yield Input(f"{key} of another plan", changes(PLAN, lambda kept, k=key: kept.update({k: "others"})))  # type: ignore[misc]
        yield Input(f"no {key} in the plan", changes(PLAN, lambda kept, k=key: kept.pop(k)))  # type: ignore[misc]
    yield Input("the folder is a link", moved_away)


FORGERIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "another subject": lambda kept: kept["run"].update(subject="stdlib.bytearray"),
    "no totals": lambda kept: kept["run"].update(totals={}),
    "totals that are a list": lambda kept: kept["run"].update(totals=[]),
    "a failure that is none": lambda kept: kept["run"].update(failures=[{}]),
    "a failure less": lambda kept: kept["run"].update(failures=[]),
    "a death more": lambda kept: kept["run"].update(deaths=[{"outcome": "crash"}]),
    "no run": lambda kept: kept.pop("run"),
    "another number": lambda kept: kept.update(index=1),
    "another plan": lambda kept: kept.update(plan="0" * 64),
    "no signature": lambda kept: kept.pop("signature"),
    "a signature that is a list": lambda kept: kept.update(signature=[]),
    "another signature": lambda kept: kept.update(signature="0" * 64),
    "an unknown key": lambda kept: kept.update(surprise=1),
}


def changes(name: str, change: Callable[[dict[str, Any]], object]) -> Prepare:
    """Changes what a file of a state holds."""

    def prepare(path: Path) -> None:
        kept = json.loads((path / name).read_text(encoding="utf-8"))
        change(kept)
        (path / name).write_text(json.dumps(kept), encoding="utf-8")

    return prepare


def moved_away(path: Path) -> None:
    """Puts a link in place of the working folder."""
    elsewhere = path.with_name(f"{path.name}-elsewhere")
    (path / FOLDER).rename(elsewhere)
    (path / FOLDER).symlink_to(elsewhere)


def labelled(name: str, inputs: Iterator[Input]) -> Iterator[Input]:
    """The inputs, each with the file that it is about."""
    for one in inputs:
        yield evolve(one, label=f"{one.label} in {name}")


def recorded(path: Path) -> None:
    """The record of a run of ours."""
    path.mkdir()
    (path / EVENTS_FILE).write_bytes(genuine().record)


@cache
def first_failure() -> Any:
    """The case that its first failure names."""
    with tempfile.TemporaryDirectory() as folder:
        recorded(Path(folder) / "record")
        return case_from_record(f"{folder}/record", io.BytesIO())


def read_again(path: Path) -> str | None:
    """Whether a record is refused, or names what the genuine one does; and whether it can be shown."""

    def replayed() -> str | None:
        case = case_from_record(f"{path}:1", io.BytesIO())
        # What runs nothing but installed packages may name another case of them.
        return None if case == first_failure() or not case.runs else f"would run {case.runs}"

    faults = []
    for read in (replayed, lambda: list(open_record(path, partial=True, follow=False)) and None):
        try:
            faults.append(read())
        except BufspecError as error:
            faults.append(fault_of(error) if "0 failing cases" not in error.what else None)
    return next(filter(None, faults), None)


def records(draw: random.Random) -> Iterator[Input]:
    """Cuts and bytes of a record, and lines that no run writes."""
    raw = genuine().record
    first = first_failure()
    for damage in (cut, with_other_byte):
        for _ in range(150):
            yield Input(f"{damage.__name__} of the record", writes(damage(draw, raw), EVENTS_FILE))
    yield from texts(EVENTS_FILE)
    yield from not_files(EVENTS_FILE)
    for last in (
        "[]",
        "null",
        "5",
        "{",
        "{}",
        '{"event": "surprise"}',
        "",
        "\x85",
        '{"event": ["case-failed"]}',
    ):
        yield Input(f"a last line {last!r}", writes(raw + last.encode() + b"\n", EVENTS_FILE))
    for version in (b"99", b"1", b"null", b'"2"', b"2.5", b"[]"):
        new = raw.replace(b'"schema": 3', b'"schema": ' + version)
        yield Input(f"schema {version!r}", writes(new, EVENTS_FILE))
    for label, old, new in (
        ("another expression", "c_int * 2", "c_int * 3"),
        ("a seed that is a text", "/request.word_0x018", "/request.word_0x018' --seed abc '"),
        ("a seed beyond bounds", "bufspec replay", "bufspec replay --seed 99999999999999999999"),
        ("an edition that is none", "bufspec replay", "bufspec replay --edition 2525"),
        ("a file", "bufspec replay", "bufspec replay --subjects /nowhere.py"),
        ("an unknown option", "bufspec replay", "bufspec replay --in-process"),
        ("an open quote", "bufspec replay", "bufspec replay '"),
        ("a subject of control characters", first.subject, "\\u001b[31m:\\u202e"),
        ("no signature", '"signature": "', '"signature": "0'),
    ):
        yield Input(label, edits(old, new, EVENTS_FILE))
    for field in ("subject", "case", "rule", "replay"):
        for value in ("[]", "null", "5", '"\\ud800"'):
            yield Input(f"{field} {value}", in_failures(field, json.loads(value)))
    yield Input("no record", lambda path: fresh(path / EVENTS_FILE) and None)  # type: ignore[func-returns-value]


def in_failures(key: str, value: object) -> Prepare:
    """Another value in each failure."""

    def prepare(path: Path) -> None:
        lines = (path / EVENTS_FILE).read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines):
            if '"case-failed"' in line:
                lines[number] = json.dumps({**json.loads(line), key: value})
        (path / EVENTS_FILE).write_text("\n".join(lines), encoding="utf-8")

    return prepare


ROWS = [
    lambda: Row("resume states", interrupted, resume_states, continued),
    lambda: Row("records", recorded, records, read_again),
]
