"""The folders of campaigns with the same subjects become one: findings once, scenarios once, counts summed.

Each folder is a part (`--shard I/N`) of one campaign.  A part is taken once, however often it is named.  What
is in the folder of the whole stays until all is written, and then nothing of it is left.  What takes its
place when the process is killed is there as soon as the folder is used again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from attrs import evolve

from bufspec.errors import RecordError, SelectionError
from bufspec.files.json_text import DAMAGED, object_from_text
from bufspec.files.opened import MEGABYTE, read_bytes, read_present, read_text
from bufspec.files.written import (
    finish_replaced,
    new_folder,
    own_folder,
    replaced_together,
    write_bytes,
    write_whole,
)
from bufspec.fuzz.finding import MOST_COUNTED, Findings, Status
from bufspec.run.resume import FOLDER, clear, refuse_if_claimed
from bufspec.run.workspace import claim, claimed_by
from bufspec.wire.shapes import Misfit, check

CAMPAIGN_FILE = "campaign.json"
OF_A_CAMPAIGN = ("findings", "corpus", "state", CAMPAIGN_FILE)
"""All that a campaign has in its folder; what says that it is one comes last."""
SUMMED = ("executions", "steps", "failing", "deaths", "kept", "unfit", "seconds")


class Counted(TypedDict):
    """What became of a subject, as a campaign's file has it."""

    executions: NotRequired[int]
    steps: NotRequired[int]
    failing: NotRequired[int]
    deaths: NotRequired[int]
    buckets: NotRequired[int]
    kept: NotRequired[int]
    unfit: NotRequired[int]
    covered: NotRequired[bool]
    failed: NotRequired[dict[str, int]]
    seconds: NotRequired[float]
    error: NotRequired[str]


def is_campaign(folder: Path) -> bool:
    """Whether a campaign on subjects is in that folder."""
    return (folder / CAMPAIGN_FILE).is_file()


def finish_gathered(folder: Path) -> None:
    """Finish what a gather() into that folder that was killed while it replaced a campaign has left."""
    work = folder / FOLDER
    with own_folder(work) as descriptor:
        if descriptor is not None and not claimed_by(work):
            is_left = (work / "old").is_dir()
            finish_replaced(folder, OF_A_CAMPAIGN, work)
            if is_left:
                clear(folder)


def asked_in(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the campaign there was asked, and what became of its subjects; else RecordError."""
    file = folder / CAMPAIGN_FILE
    known = object_from_text(read_present(file, MEGABYTE), str(file))
    asked = known.get("asked")
    if not isinstance(asked, dict) or "shard" not in asked or not isinstance(known.get("subjects"), dict):
        raise RecordError(
            "it is no campaign on subjects",
            where=f"{file}:1:1",
            hint="bufspec fuzz NAME --shard I/N --out DIR",
        )
    try:
        check(tuple[int, int], asked["shard"], "asked.shard")
        part, parts = asked["shard"]
        if not 1 <= part <= parts:
            raise Misfit("asked.shard", "I/N, with I from 1 to N")
    except Misfit as error:
        raise _damaged(file, error) from error
    return asked, _counted_of(known, file)


def counted_in(folder: Path) -> dict[str, Any]:
    """What became of the subjects of campaigns that were put together there."""
    file = folder / CAMPAIGN_FILE
    return _counted_of(object_from_text(read_text(file, MEGABYTE), str(file)), file)


def _counted_of(known: dict[str, Any], file: Path) -> dict[str, Any]:
    subjects: dict[str, Any] = known.get("subjects") or {}
    try:
        check(dict[str, Counted], subjects, "subjects")
        for name, one in subjects.items():
            counts = [*one.get("failed", {}).values(), *(one.get(count, 0) for count in (*SUMMED, "buckets"))]
            if not all(0 <= count <= MOST_COUNTED for count in counts):
                raise Misfit(f"subjects.{name}", f"counts from 0 to {MOST_COUNTED:,}")
    except Misfit as error:
        raise _damaged(file, error) from error
    return subjects


def _damaged(file: Path, error: Misfit) -> RecordError:
    return RecordError(f"it is no campaign: {error}", where=f"{file}:1:1", hint=DAMAGED)


def gather(folders: Sequence[Path], out: Path) -> Findings:
    """Put the campaigns together in `out`, in place of one that is there.

    Raises SelectionError where they are not parts of one, RecordError where a process works in `out`.
    """
    parts, asked = _parts_of(folders)
    new_folder(out)
    for name in ("state", FOLDER):
        refuse_if_claimed(out / name)
    clear(out)
    (out / FOLDER).mkdir(mode=0o700)
    claim(out / FOLDER)
    try:
        with replaced_together(out, OF_A_CAMPAIGN, out / FOLDER) as new:
            _write(parts, asked, new)
    finally:
        clear(out)
    return Findings(out / "findings")


def _parts_of(folders: Sequence[Path]) -> tuple[list[Path], dict[str, Any]]:
    """The parts in their order, and what their campaign was asked."""
    parts: dict[tuple[int, ...], Path] = {}
    whole: dict[str, Any] = {}
    for folder in folders:
        asked, _ = asked_in(folder)
        rest = {name: value for name, value in asked.items() if name != "shard"}
        if whole and rest != whole:
            raise SelectionError(
                "it was asked something else than the first one",
                where=str(folder),
                hint="parts of one campaign have the same subjects, seed, jobs, edition and bound",
            )
        whole = rest
        shard = tuple(asked["shard"])
        if (before := parts.get(shard)) and before.resolve() != folder.resolve():
            raise SelectionError(
                f"part {shard[0]}/{shard[1]} is in {before}, too",
                where=str(folder),
                hint="name each part once",
            )
        parts[shard] = folder
    return [parts[one] for one in sorted(parts)], {**whole, "parts": [list(one) for one in sorted(parts)]}


def _write(parts: Sequence[Path], asked: dict[str, Any], out: Path) -> None:
    found = Findings(out / "findings")
    counted: dict[str, dict[str, Any]] = {}
    for folder in parts:
        _sum(counted, asked_in(folder)[1])
        _take_findings(found, folder)
        for file in sorted((folder / "corpus").glob("*/*")):
            place = out / "corpus" / file.parent.name
            new_folder(place)
            if not (place / file.name).exists():
                write_bytes(place / file.name, read_bytes(file, MEGABYTE, follow=False))
    write_whole(out / CAMPAIGN_FILE, json.dumps({"asked": asked, "subjects": counted}, indent=1) + "\n")


def _sum(counted: dict[str, dict[str, Any]], subjects: dict[str, Any]) -> None:
    for name, one in subjects.items():
        known = counted.setdefault(name, {"failed": {}, "error": "", "covered": False})
        for count in SUMMED:
            known[count] = known.get(count, 0) + one.get(count, 0)
        known["buckets"] = max(known.get("buckets", 0), one.get("buckets", 0))
        known["covered"] |= bool(one.get("covered"))
        known["error"] = known["error"] or one.get("error", "")
        for rule, times in one.get("failed", {}).items():
            known["failed"][rule] = known["failed"].get(rule, 0) + times


def _take_findings(found: Findings, folder: Path) -> None:
    like = {one.likeness: one.id for one in found.of(Status.NEWS, Status.MINOR)}
    for one in Findings(folder / "findings").by_id.values():
        if one.id in found.by_id:
            continue
        if one.status in (Status.NEWS, Status.MINOR) and one.likeness in like:
            one = evolve(one, status=Status.SAME, same_as=like[one.likeness])
        script, trace = (folder / "findings" / f"{one.id}{end}" for end in (".py", ".trace.json"))
        if script.is_file():
            one.script = read_text(script, MEGABYTE, follow=False)
        if trace.is_file():
            one.trace = object_from_text(read_text(trace, 64 * MEGABYTE, follow=False), str(trace))
        found.meet(one)
        if one.status in (Status.NEWS, Status.MINOR):
            like[one.likeness] = one.id
