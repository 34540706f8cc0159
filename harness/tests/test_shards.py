"""Do the records of shards, in any order, come to the record of one run, and is all else refused?"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest
from attrs import evolve
from bufspec.errors import BufspecError
from bufspec.files.problem import Refused
from bufspec.isolation.death import Death, Outcome
from bufspec.isolation.job import SubjectRun
from bufspec.isolation.supervisor import Supervisor
from bufspec.merge.merged import Merged
from bufspec.merge.pieces import gather
from bufspec.reports.formats.all import FORMATS
from bufspec.reports.wording.sentences import in_words
from bufspec.run import units
from bufspec.run.check import run_plan
from bufspec.run.expectations.fixing import Fixing
from bufspec.run.parts import joined
from bufspec.run.plan import Options, Plan, make_plan
from bufspec.run.record import EVENTS_FILE, Event, Recorder, json_from_event, signed_event
from bufspec.run.resume import begun
from bufspec.run.selection import Listed
from bufspec.run.units import shard_from_text, units_of, units_of_shard
from bufspec.run.workspace import DRIVER_FILE, working_directory
from bufspec.wire.ranges import block_of, size
from command_line import VALIDATOR, run
from made_shards import made_shards
from used import Used, used_by

TIMED = ("started", "seconds")
CRASHES = "bad_exporters:exporter(0x003, abort)"
OPTIONS = Options(
    patterns=("stdlib.bytes", "stdlib.array_b", "stdlib.memoryview_from_layout", "stdlib.mmap*"),
    expressions=(CRASHES, "ctypes:(c_int * 2)()"),
    case_patterns=("request.word_0x0[0-3]?", "data.*"),
)
"""Subjects that conform, build their objects, break rules as expected, and die."""
SHARDS = 3


def made(options: Options, *folders: tuple[str, Path], record: str = "") -> None:
    """A record in each folder, of that shard of the plan of these options."""

    async def judged() -> None:
        with working_directory() as work:
            async with Supervisor(work / "plan.log") as supervisor:
                plan = await make_plan(options, work, supervisor)
            for shard, folder in folders:
                await one(evolve(plan, options=evolve(options, shard=shard)), folder, work)

    async def one(plan: Plan, folder: Path, work: Path) -> None:
        with Recorder.open(folder) as recorder:

            def emit(event: Event) -> None:
                recorder.write(signed_event(in_words(json_from_event(event))))

            await run_plan(plan, work, emit, fixing=Fixing(record))

    anyio.run(judged)


@pytest.fixture(scope="module")
def shards(among_the_fakes: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """The folders of one run and of its shards; what builds its objects is cut into blocks."""
    folder = tmp_path_factory.mktemp("shards")
    folders = [("", folder / "whole")]
    folders += [(f"{number}/{SHARDS}", folder / str(number)) for number in range(1, SHARDS + 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(units, "CASES_OF_A_BLOCK", 40)
        made(OPTIONS, *folders)
    yield [one for _, one in folders]


def lines(folder: Path) -> list[str]:
    """The lines of a record as they stand, but for times."""
    text = (folder / EVENTS_FILE).read_text(encoding="utf-8")
    events = [json.loads(line) for line in text.splitlines()]
    for event in events:
        VALIDATOR.validate(event)
    return [json.dumps({key: one for key, one in event.items() if key not in TIMED}) for event in events]


def merged(places: list[Path], out: Path, *, partial: bool = False) -> Merged:
    """What the records come to, written to `out`."""
    found = Merged.of(gather(places, partial=partial))
    out.mkdir(parents=True)
    (out / EVENTS_FILE).write_text("".join(found.lines()), encoding="utf-8")
    return found


@pytest.mark.slow
def test_shards_merged_in_any_order_are_one_run_byte_for_byte(shards: list[Path], tmp_path: Path) -> None:
    whole, *parts = shards
    assert any('"part"' in line for one in parts for line in lines(one)), "nothing was cut"
    assert not any('"part"' in line for line in lines(whole))
    for seed in range(3):
        random.Random(seed).shuffle(parts)
        assert not merged(parts, tmp_path / str(seed)).missing
        assert lines(tmp_path / str(seed)) == lines(whole)
    assert any('"signature"' in line for line in lines(whole))


@pytest.mark.slow
def test_what_was_merged_without_some_can_be_merged_with_them(shards: list[Path], tmp_path: Path) -> None:
    whole, one, two, three = shards
    half = merged([two, one], tmp_path / "half", partial=True)
    assert half.missing
    foot = json.loads(lines(tmp_path / "half")[-1])
    assert (foot["complete"], foot["reason"][:10]) == (False, "incomplete")
    assert not merged([three, tmp_path / "half"], tmp_path / "all").missing
    assert lines(tmp_path / "all") == lines(whole)


def test_a_whole_record_merged_alone_is_itself(shards: list[Path], tmp_path: Path) -> None:
    merged([shards[0]], tmp_path / "same")
    assert lines(tmp_path / "same") == lines(shards[0])


def test_a_break_of_a_blocks_part_is_decided_on_the_whole(shards: list[Path]) -> None:
    """A shard says nothing of expectations that are outdated, nor that nothing was judged, of a part."""
    for one in shards[1:]:
        events = [json.loads(line) for line in lines(one)]
        parts = {event["subject"] for event in events if "part" in event}
        assert not [
            one for one in events if one["event"] == "expectation-outdated" and one["subject"] in parts
        ]
        assert not [one for one in events if one.get("subject") in parts and "undecided" in one]


def changed(folder: Path, out: Path, change: Callable[[list[dict[str, Any]]], object]) -> Path:
    """The record with its events changed, in a new folder."""
    events = [json.loads(line) for line in (folder / EVENTS_FILE).read_text().splitlines()]
    change(events)
    out.mkdir()
    (out / EVENTS_FILE).write_text("".join(json.dumps(event) + "\n" for event in events))
    return out


REFUSALS: list[tuple[str, Callable[[list[dict[str, Any]]], object], str]] = [
    ("tables", lambda events: events[0].update(tables="0" * 64), "of other tables than"),
    ("edition", lambda events: events[0].update(edition="2010"), "of another edition than"),
    ("versions", lambda events: events[0]["versions"].update(bufspec="9"), "of other versions than"),
    ("seed", lambda events: events[0].update(seed=1), "of another seed than"),
    ("subjects", lambda events: events[0]["subjects"].append("more"), "of other subjects than"),
    ("plan", lambda events: events[0].update(plan="0" * 64), "of another plan"),
    ("no plan", lambda events: events[0].pop("plan"), "does not say what its plan was"),
    ("cut short", lambda events: events.pop(), "was cut short"),
    ("stranger", lambda events: events[-2].update(subject="who"), "who"),
    ("other order", lambda events: events.insert(1, events.pop(-2)), "out of place"),
]


@pytest.mark.parametrize(("change", "said"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_what_does_not_belong_is_refused_by_name(
    shards: list[Path], tmp_path: Path, change: Callable[[list[dict[str, Any]]], object], said: str
) -> None:
    _, one, two, three = shards
    other = changed(three, tmp_path / "other", change)
    with pytest.raises(Refused) as refused:
        Merged.of(gather([one, two, other]))
    assert said in str(refused.value) and refused.value.exit_code == 2
    assert str(tmp_path) in str(refused.value.problem)


def test_an_overlap_is_refused_and_both_records_are_named(shards: list[Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(shards[1], copy)
    with pytest.raises(Refused, match="is also in") as refused:
        gather([*shards[1:], copy])
    said = f"{refused.value} {refused.value.problem}"
    assert str(copy) in said and str(shards[1]) in said
    with pytest.raises(Refused, match="named twice"):
        gather([shards[1], shards[1]])
    with pytest.raises(Refused, match="is also in"):
        gather([shards[0], shards[1]])


def runs_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The first run of the first part."""
    part = next(event["part"] for event in events if "part" in event)
    run_: dict[str, Any] = next(iter(part["runs"].values()))[0]
    return run_


def part_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    part: dict[str, Any] = next(event["part"] for event in events if "part" in event)
    return part


USE = {"subjects": 1, "failed": 0, "rule_ran": True, "has_case": True, "is_open": False}
PART_CHANGES: list[Callable[[list[dict[str, Any]]], object]] = [
    lambda events: runs_of(events).update(subject="another"),
    lambda events: runs_of(events).update(totals={"rules": {"a": {"cases": "x"}}}),
    lambda events: runs_of(events).update(failures=[{"rule": "x"}]),
    lambda events: runs_of(events).update(more=1),
    lambda events: part_of(events).update(blocks=2),
    lambda events: next(iter(part_of(events)["runs"].values())).append({}),
    lambda events: events[0]["asked"].update(rules=["no.such.rule"]),
    lambda events: events[0]["asked"]["entries"].append({"subject": 1}),
    lambda events: events[-1].update(uses=[{**USE, "entry": {"subject": 1}}]),
    lambda events: events[0].update(repeat=2),
]


@pytest.mark.parametrize("number", range(len(PART_CHANGES)))
def test_a_part_that_was_changed_is_refused(shards: list[Path], tmp_path: Path, number: int) -> None:
    places = [changed(one, tmp_path / one.name, PART_CHANGES[number]) for one in shards[1:]]
    with pytest.raises(BufspecError) as refused:
        list(Merged.of(gather(places)).lines())
    assert refused.value.exit_code == 2


OWN = """
from bufspec.declare import exporter

for name in ("first", "second", "third"):
    exporter(f"ownpackage.{name}")(lambda: bytearray(b"four"))
"""
ENTRIES = "expectations:\n"
ENTRY = """
  - subject: {subject}
    rule: {rule}
    reason: it is said to fail
    link: https://example.org/{number}
"""
UPKEEP = (
    ("ownpackage.first", "field.len.product", ""),
    ("ownpackage.*", "field.itemsize.element_size", ""),
    ("ownpackage.gone", "field.len.product", ""),
    ("ownpackage.second", "field.len.product", "    cases: no.such_case\n"),
)


@pytest.mark.slow
def test_expectations_are_held_against_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries that pass, or match no subject or no case: each is news of the whole, with its command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(units, "CASES_OF_A_BLOCK", 700)
    (tmp_path / "own.py").write_text(OWN)
    rows = [
        ENTRY.format(subject=f'"{subject}"', rule=rule, number=number) + more
        for number, (subject, rule, more) in enumerate(UPKEEP)
    ]
    (tmp_path / "known.yaml").write_text(ENTRIES + "".join(rows))
    options = Options(files=("own.py",), expectations=("known.yaml",), expects_known=False, repeat=2)
    made(options, ("", tmp_path / "out"), ("1/2", tmp_path / "1"), ("2/2", tmp_path / "2"), record="out")
    whole = lines(tmp_path / "out")
    found = [json.loads(line) for line in whole if '"expectation-outdated"' in line]
    assert {one["kind"] for one in found} == {"passes", "no_subject", "no_case", "rule_not_run"}
    assert all("expect update out" in one["fix"] for one in found)
    assert '"part"' in "".join(lines(tmp_path / "1")) and '"fix"' not in "".join(lines(tmp_path / "1"))
    text = "".join(Merged.of(gather([tmp_path / "2", tmp_path / "1"]), "out").lines())
    (tmp_path / "out" / EVENTS_FILE).write_text(text, encoding="utf-8")
    assert lines(tmp_path / "out") == whole
    # One whole record keeps what it found of the run.
    text = "".join(Merged.of(gather([tmp_path / "out"])).lines())
    (tmp_path / "out" / EVENTS_FILE).write_text(text, encoding="utf-8")
    assert lines(tmp_path / "out") == whole


def test_gaps_are_refused_and_named_by_the_command(shards: list[Path], tmp_path: Path) -> None:
    _, one, two, _ = shards
    done = run("merge", str(one), str(two), "--out", str(tmp_path / "out"))
    assert done.returncode == 2 and not (tmp_path / "out").exists()
    assert "missing" in done.stderr and "--shard 3/3" in done.stderr
    done = run("merge", str(two), str(one), "--partial", "--out", str(tmp_path / "out"))
    assert done.returncode == 0 and "incomplete" in done.stderr
    again = run("merge", str(two), str(one), "--partial", "--out", str(tmp_path / "out"))
    assert again.returncode == 2 and "--force" in again.stderr


def test_a_whole_in_place_of_an_interrupted_run_is_not_continued_as_that_run(
    shards: list[Path], tmp_path: Path
) -> None:
    with suppress(ZeroDivisionError), begun(tmp_path, Options(patterns=("stdlib.bytes",))) as work:
        (work / DRIVER_FILE).write_text("1 0\n")
        raise ZeroDivisionError
    words = ("merge", *map(str, shards[1:]), "--out", str(tmp_path))
    refused = run(*words)
    assert refused.returncode == 2 and "a run was interrupted there" in refused.stderr
    assert run(*words, "--force").returncode == 0
    assert [one.name for one in tmp_path.iterdir()] == [EVENTS_FILE]
    with begun(tmp_path, Options(patterns=("stdlib.bytes",)), force=True):
        running = run(*words, "--force")
    assert running.returncode == 2 and "is still running there" in running.stderr


@pytest.mark.parametrize("text", ["0/4", "5/4", "1/0", "1", "a/b", "1/4/2", "-1/4", "1/99999"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    done = run("check", "stdlib.bytes", "--shard", text)
    assert done.returncode == 2 and "is no shard" in done.stderr


def planned() -> Plan:
    async def plan() -> Plan:
        with working_directory() as work:
            async with Supervisor(work / "plan.log") as supervisor:
                return await make_plan(Options(), work, supervisor)

    return anyio.run(plan)


@pytest.mark.slow
def test_each_unit_is_in_one_shard_and_none_has_much_more_than_another() -> None:
    plan = planned()
    every = units_of(plan)
    assert any(one.blocks > 1 for one in every)
    weights = [weight for _, weight in units._weighed(plan)]
    for count in (1, 2, 4, 7, 50):
        shards = [
            units_of_shard(evolve(plan, options=evolve(plan.options, shard=f"{number}/{count}")))
            for number in range(1, count + 1)
        ]
        assert sorted(index for one in shards for index in one) == list(range(len(every)))
        loads = [sum(weights[index] for index in one) for one in shards]
        assert max(loads) - min(loads) <= max(weights)
    failing_fast = evolve(plan, options=evolve(plan.options, fail_fast=True))
    assert {one.blocks for one in units_of(failing_fast)} == {1}


def test_blocks_hold_every_case_once_and_are_of_the_same_size() -> None:
    ranges = ((3, 10), (20, 21), (30, 95))
    for blocks in (1, 2, 3, 7, 40, 100):
        found = [block_of(ranges, block, blocks) for block in range(blocks)]
        assert [index for one in found for first, end in one for index in range(first, end)] == [
            index for first, end in ranges for index in range(first, end)
        ]
        sizes = [size(one) for one in found]
        assert max(sizes) - min(sizes) <= 1


def test_blocks_are_joined_as_if_they_had_been_one() -> None:
    def block(cases: int, failed: int, richest: int, bits: int) -> SubjectRun:
        counts = {"cases": cases, "failed": failed, "readings": {"one": failed}}
        exercised = {"granted": cases, "richest_len": richest, "operations_raising": bits}
        totals = {"rules": {"a.b.c": counts}, "cases_done": cases, "requests": 2, "exercised": exercised}
        deaths = [Death(Outcome.DEATH, None, -1, 0, place="end"), Death(Outcome.CRASH, f"c{cases}", cases, 0)]
        return SubjectRun("x", totals, [{"rule": "a.b.c"}], deaths, 1, f"{cases} deaths", facts={"type": "t"})

    run_ = joined([block(1, 1, -1, 1), block(2, 0, 8, 2), block(3, 2, 9, 2)])
    assert run_.totals["rules"]["a.b.c"] == {"cases": 6, "failed": 3, "readings": {"one": 3}}
    assert run_.totals["exercised"] == {"granted": 6, "richest_len": 8, "operations_raising": 3}
    assert (run_.totals["cases_done"], run_.totals["requests"], len(run_.failures)) == (6, 6, 3)
    # What ended after the last case did so in each block, and is one death.
    assert [one.case for one in run_.deaths] == [None, "c1", "c2", "c3"]
    assert (run_.cases_skipped, run_.skipped_because) == (3, "1 deaths; 2 deaths; 3 deaths")


def test_a_shard_of_an_option_is_read_again() -> None:
    assert shard_from_text("2/4").number == 2 and shard_from_text("").is_whole
    assert Listed("a", "exporter").builds is False


def used_to_merge(tmp_path: Path, shards: int, events: int) -> Used:
    """What it takes to merge so many made records into the folder `out`."""
    places = made_shards(tmp_path / "made", shards=shards, events=events, seed=7)
    used = used_by("merge", *map(str, places), "--out", str(tmp_path / "out"))
    lines = (tmp_path / "out" / EVENTS_FILE).read_bytes().count(b"\n")
    assert lines == shards * (events - 2) + 2
    return used


@pytest.mark.slow
def test_more_records_than_files_may_be_open_are_merged(tmp_path: Path) -> None:
    used_to_merge(tmp_path, 300, 20).assert_within(seconds=60, megabytes=256)


@pytest.mark.slow
def test_a_report_of_a_thousand_events_takes_less_than_a_second(tmp_path: Path) -> None:
    used_to_merge(tmp_path, 10, 102)
    for one in FORMATS:
        used_to_report(tmp_path, one.name).assert_within(seconds=1, megabytes=256)


@pytest.mark.nightly
def test_a_million_events_are_merged_and_reported_in_bounds(tmp_path: Path) -> None:
    used_to_merge(tmp_path, 100, 10_000).assert_within(seconds=60, megabytes=256)
    for one in FORMATS:
        used_to_report(tmp_path, one.name).assert_within(seconds=60, megabytes=500)


def used_to_report(tmp_path: Path, name: str) -> Used:
    """What it takes to write one format of the record in the folder `out`."""
    file = tmp_path / f"report.{name}"
    used = used_by("report", str(tmp_path / "out"), f"--{name}", str(file))
    assert file.stat().st_size > 100
    return used
