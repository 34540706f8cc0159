"""Does the quick way to read a line of a record take what the strict one takes, and nothing else?"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from bufspec.files import json_text
from bufspec.files.json_text import object_from_line, object_from_text, objects_again, objects_of_lines
from bufspec.files.problem import Refused
from bufspec.files.unchanged import Contents
from test_visible import NASTY

VALUES = (
    *(
        "1",
        "-1",
        "0",
        "-0",
        "01",
        "1.",
        ".5",
        "+1",
        "1e5",
        "1E+05",
        "-0.0",
        "0.1e1",
        "1e308",
        "1e309",
        "1E+999",
    ),
    *("-1e999", "1e0000309", "9223372036854775807", "18446744073709551615", "18446744073709551616"),
    *(
        "-9223372036854775808",
        "-9223372036854775809",
        "1" * 400,
        f"{'9' * 30}.5",
        f"0.{'0' * 400}1",
        "1e-999",
    ),
    *(
        "NaN",
        "Infinity",
        "-Infinity",
        "true",
        "True",
        "null",
        "nul",
        '""',
        "''",
        '"\\ud800"',
        '"\\ud83d\\ude00"',
    ),
    *('"\\u0000"', '"\x00"', '"\x7f"', '"\\x41"', '"\u2028"', '"a', "[]", "[1,]", "[1 2]", "{}", '{"a": 1,}'),
    *('{"a": 1, "a": 1}', '{"a": {"b": 1, "\\u0062": 2}}', '{"a": 1 "b": 2}', "{1: 2}", "/* */ 1", "1 // no"),
    *("[" * depth + "]" * depth for depth in (62, 63, 64, 65, 500, 5_000)),
    *("1, \t2", "\f1", "\u00a01", "1}{"),
)
"""What stands for a value in a line that is otherwise right."""
LINES = (
    b"",
    b"[]",
    b"1",
    b"null",
    b"{",
    b"\xef\xbb\xbf{}",
    b'{"a": "\xff"}',
    b'{"a": "\xed\xa0\x80"}',
    b"{}\r",
    b" {} ",
)


def read(line: bytes) -> tuple[Any, str]:
    """What the line is read as, types and order told apart, or how it is refused."""
    try:
        return repr(object_from_line(line, "record", 7)), ""
    except Refused as refused:
        return None, str(refused)


def assert_same(lines: list[bytes], monkeypatch: pytest.MonkeyPatch) -> int:
    """Both ways agree on each line; how many of them the quick way took."""
    quick = [read(line) for line in lines]
    taken = sum(json_text._at_first_sight(line) is not None for line in lines)
    monkeypatch.setattr(json_text, "_at_first_sight", lambda line: None)
    for line, found in zip(lines, quick, strict=True):
        assert found == read(line), line
    return taken


def test_each_value_is_read_or_refused_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f'{{"event": "x", "y": {value}, "z": [0]}}'.encode() for value in VALUES]
    texts += [
        json.dumps({text: text}, ensure_ascii=escaped).encode(errors="surrogatepass")
        for text in NASTY.values()
        for escaped in (True, False)
    ]
    taken = assert_same([*texts, *LINES], monkeypatch)
    assert taken > len(texts) / 4


def test_what_is_long_is_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    many = json_text.MOST_VALUES
    lines = [b'{"a": [' + b"0," * count + b"0]}" for count in (10, many - 3, many - 2, many)]
    assert_same([*lines, b'{"a": "' + b"," * many + b'"}'], monkeypatch)


def test_damaged_lines_are_read_or_refused_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(3118)
    whole = json.dumps(
        {"event": "case-failed", "given": [2, -3.5e2, None, {"a": True, "b\u00e9": "\\ud83d"}]}
    ).encode()
    words = [
        b'"',
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\\",
        b"\\ud800",
        b"\xff",
        b"0",
        b"9" * 19,
        b"e400",
        b'"a": 1, "a": 2',
        b"-",
    ]
    lines = []
    for _ in range(4_000):
        line = bytearray(whole)
        for _ in range(draw.randrange(1, 3)):
            at = draw.randrange(len(line))
            line[at : at + draw.randrange(3)] = draw.choice(words)
        lines.append(bytes(line))
    assert assert_same(lines, monkeypatch) > 50


def written(file: Path, raw: bytes) -> tuple[Contents, list[Any]]:
    """A record that was read through once: what it held, and its objects."""
    file.write_bytes(raw)
    contents = Contents()
    return contents, [event for _, event in objects_of_lines(file, contents=contents)]


LINE = b'{"event": "x", "text": "' + b"a" * 990 + b'"}\n'
RAW = LINE * 1_000 + b'{"lone": "\\ud800", "large": 18446744073709551615}'


def test_a_record_of_many_pieces_is_read_again_as_it_was(tmp_path: Path) -> None:
    contents, events = written(tmp_path / "record", RAW)
    assert events[-1] == object_from_text('{"lone": "\\ud800", "large": 18446744073709551615}', "")
    assert list(objects_again(tmp_path / "record", contents, 1_001)) == events
    # What is appended while it is read, as a run that goes on does, is left out.
    (tmp_path / "record").write_bytes(RAW + b"\n{not even JSON")
    assert list(objects_again(tmp_path / "record", contents, 1_001)) == events


@pytest.mark.parametrize("at", [30, 400_000, 1_014_000 - 5])
def test_one_other_byte_is_a_change_before_anything_of_its_piece_is_read(at: int, tmp_path: Path) -> None:
    contents, _ = written(tmp_path / "record", RAW)
    other = RAW[:at] + b"b" + RAW[at + 1 :]
    (tmp_path / "record").write_bytes(other)
    found = []
    with pytest.raises(Refused, match="changed while it was read") as refused:
        found += [
            b"b" in event["text"].encode() for event in objects_again(tmp_path / "record", contents, 1_001)
        ]
    assert not any(found) and refused.value.problem.line <= other[:at].count(b"\n") + 1


def test_a_shorter_file_is_a_change(tmp_path: Path) -> None:
    contents, _ = written(tmp_path / "record", RAW)
    (tmp_path / "record").write_bytes(LINE * 20)
    with pytest.raises(Refused, match="changed while it was read"):
        list(objects_again(tmp_path / "record", contents, 1_001))
