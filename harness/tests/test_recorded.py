"""Is a record read only as it was written: whole, of this version, and every line of it by the schema?"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bufspec.files.problem import Refused
from bufspec.run import recorded
from bufspec.run.record import EVENTS_FILE, SCHEMA_VERSION
from bufspec.run.recorded import Record, open_record
from command_line import VALIDATOR, run

BROKEN = ["--consumer", "bad_consumers:forgetful", "--case", "consumer.reads_bytes_*"]
RULES = ["--rule", "consumer.release.exactly_once"]


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The record of a short run that has a broken rule."""
    out = tmp_path_factory.mktemp("run")
    assert run("check", *BROKEN, *RULES, "--out", str(out)).returncode == 1
    return (out / EVENTS_FILE).read_bytes()


def opened(folder: Path, raw: bytes, *, partial: bool = False) -> Record:
    (folder / EVENTS_FILE).write_bytes(raw)
    return open_record(folder, partial=partial)


@pytest.mark.slow
def test_a_record_is_read_as_it_was_written(raw: bytes, tmp_path: Path) -> None:
    record = opened(tmp_path, raw)
    events = [json.loads(line) for line in raw.splitlines()]
    assert list(record) == list(record) == events
    assert (record.head, record.foot, record.events, record.is_whole) == (
        events[0],
        events[-1],
        len(events),
        True,
    )


@pytest.mark.slow
def test_a_record_cut_at_any_byte_is_refused_or_marked_as_partial(raw: bytes, tmp_path: Path) -> None:
    lines = raw.splitlines(keepends=True)
    raw = b"".join((*lines[:2], *lines[-2:]))
    head = len(lines[0]) - 1
    (tmp_path / EVENTS_FILE).write_bytes(raw)
    assert open_record(tmp_path).is_whole
    os.truncate(tmp_path / EVENTS_FILE, len(raw) - 1)
    assert open_record(tmp_path).is_whole  # all but the last line break
    for length in reversed(range(len(raw) - 1)):
        os.truncate(tmp_path / EVENTS_FILE, length)
        with pytest.raises(Refused) as refused:
            open_record(tmp_path)
        assert refused.value.hint and refused.value.where.startswith(str(tmp_path / EVENTS_FILE))
        if length < head:
            with pytest.raises(Refused):
                open_record(tmp_path, partial=True)
            continue
        record = open_record(tmp_path, partial=True)
        assert not record.is_whole
        whole = raw[:length].count(b"\n") + (raw[length : length + 1] == b"\n")
        *kept, foot = record
        assert kept == [json.loads(line) for line in raw.splitlines()[:whole]]
        assert foot == record.foot
        assert (foot["complete"], foot["reason"]) == (False, "the record was cut short")
        VALIDATOR.validate(foot)


@pytest.mark.slow
def test_a_record_with_any_other_byte_is_refused_or_still_follows_the_schema(
    raw: bytes, tmp_path: Path
) -> None:
    (tmp_path / EVENTS_FILE).write_bytes(raw)
    refused = 0
    with (tmp_path / EVENTS_FILE).open("r+b", buffering=0) as file:
        for at in range(0, len(raw), 5):
            file.seek(at)
            file.write(bytes([raw[at] ^ (1 << at % 8)]))
            try:
                for event in open_record(tmp_path, partial=True):
                    VALIDATOR.validate(event)
            except Refused:
                refused += 1
            file.seek(at)
            file.write(raw[at : at + 1])
    assert refused > len(raw) / 50


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cut short"),
        ("{}\n", "not an event of a record"),
        ('{"event": "pairs-started"}\n', "not an event of a record"),
        ("<testsuites/>\n", "bad JSON"),
        ("\n", "an empty line"),
        ("\ufeff{}\n", "bad JSON"),
    ],
)
def test_what_is_no_record_is_refused_in_words(text: str, said: str, tmp_path: Path) -> None:
    for partial in (False, True):
        with pytest.raises(Refused, match=said):
            opened(tmp_path, text.encode(), partial=partial)


@pytest.mark.parametrize(("version", "hint"), [(SCHEMA_VERSION + 1, "that wrote it"), (1, "again")])
def test_a_record_of_another_version_is_refused(version: int, hint: str, raw: bytes, tmp_path: Path) -> None:
    other = raw.replace(b'"schema": %d' % SCHEMA_VERSION, b'"schema": %d' % version)
    with pytest.raises(Refused, match=f"schema version {version}") as refused:
        opened(tmp_path, other, partial=True)
    assert hint in refused.value.hint


def test_events_out_of_place_are_refused(raw: bytes, tmp_path: Path) -> None:
    head, *body, foot = raw.splitlines(keepends=True)
    for lines in ([head, head], [*body, foot], [head, foot, foot], [head, foot, *body]):
        with pytest.raises(Refused, match="out of place"):
            opened(tmp_path, b"".join(lines), partial=True)


def test_a_record_that_changes_while_it_is_read_is_refused(raw: bytes, tmp_path: Path) -> None:
    record = opened(tmp_path, raw)
    lines = raw.splitlines(keepends=True)
    for other in (b"".join(lines[:2]), lines[0] + b'{"event": "case-failed"}\n' + b"".join(lines[2:])):
        (tmp_path / EVENTS_FILE).write_bytes(other)
        with pytest.raises(Refused):
            list(record)


def changes(value: Any) -> Iterator[Any]:
    """A value with one thing changed in it, in each place and way."""
    others: list[Any] = [None, True, -1, 1.5, "", "\ud800", "a.b.c", [], {}, ["x"], 2**63]
    yield from (other for other in others if other != value or type(other) is not type(value))
    if isinstance(value, dict):
        for key, one in value.items():
            yield {name: kept for name, kept in value.items() if name != key}
            yield from ({**value, key: changed} for changed in changes(one))
        yield {**value, "surprise": 1}
    elif isinstance(value, list):
        for index, one in enumerate(value[:2]):
            yield from ([*value[:index], changed, *value[index + 1 :]] for changed in changes(one))


@pytest.mark.slow
def test_the_quick_look_accepts_what_the_schema_does(raw: bytes) -> None:
    """Both validators are of the same schema; they are different libraries."""
    kinds: set[str] = set()
    tried = 0
    for line in raw.splitlines():
        event = json.loads(line)
        if event["event"] in kinds:
            continue
        kinds.add(event["event"])
        slow = cache(recorded._validator)(event["event"])
        for changed in changes(event):
            if isinstance(changed, dict) and changed.get("event") == event["event"]:
                tried += 1
                quick = recorded._fits(changed, event["event"])
                is_odd = "\\ud800" in json.dumps(changed)  # may be looked at twice
                right = slow.is_valid(changed)
                assert quick == right or (right and is_odd), changed
    assert kinds == {"run-started", "case-failed", "subject-finished", "run-finished"}
    assert tried > 400


def test_what_does_not_fit_is_refused_with_its_column(raw: bytes, tmp_path: Path) -> None:
    lines = raw.splitlines(keepends=True)
    at = lines[1].index(b'"step": ') + len(b'"step": ')
    lines[1] = lines[1][:at] + b'"x"' + lines[1][lines[1].index(b",", at) :]
    with pytest.raises(Refused) as refused:
        opened(tmp_path, b"".join(lines))
    assert refused.value.where == f"{tmp_path / EVENTS_FILE}:2:{at + 1}"


def test_a_link_is_a_record_only_where_links_are_followed(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(raw)
    (tmp_path / EVENTS_FILE).symlink_to("elsewhere")
    assert open_record(tmp_path).is_whole
    with pytest.raises(Refused, match="is a link"):
        open_record(tmp_path, follow=False)
