"""How is a file of expectations changed so that all else in it stays as it was written?

Entries are removed, copied with other values, or added, as text: comments, order, quotes and blank lines of
what is not changed stay to the letter.  What comes out is read again, and refused if it does not say what was
meant.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from attrs import frozen

from bufspec.errors import ExpectationError
from bufspec.files.problem import Refused
from bufspec.run.expectations.files import KEY, refuse_misfit
from bufspec.spec.positions import document_from_text

Values = Mapping[str, Any]
HEAD = "# Known failures.  bufspec says of each entry when it no longer holds.\n\n"
NOT_POSSIBLE = "edit it by hand, or give each entry lines of its own"
MOST_COLUMNS = 110
"""Of a line of a list of subjects."""


@frozen
class _Item:
    """Where one entry stands: its text, and the places in it of its keys and values."""

    begin: int
    end: int
    node: yaml.MappingNode


def rewritten(text: str, name: str, edits: Mapping[int, Sequence[Values]], added: Sequence[Values]) -> str:
    """The text of a file with other entries; raises ExpectationError where that cannot be done as text.

    `edits` has for the number of an entry the copies that take its place, each with the values that differ;
    without any it is removed.  `added` come last.
    """
    wanted: list[dict[str, Any]] = []
    for number, row in enumerate(_rows(text, name)):
        wanted += [{**row, **copy} for copy in edits.get(number, [{}])]
    wanted += [dict(row) for row in added]
    try:
        found = _rewritten(text, edits, added)
        document = document_from_text(found, name)
    except (Refused, ValueError, yaml.YAMLError) as error:
        raise _not_possible(name) from error
    refuse_misfit(document)
    if _rows(found, name) != wanted:
        raise _not_possible(name)
    return found


def new_file(rows: Sequence[Values], name: str) -> str:
    """The text of a new file with these entries."""
    found = f"{HEAD}{KEY}:\n" + "\n".join(_block(row, 2) for row in rows)
    refuse_misfit(document_from_text(found, name))
    return found


def _not_possible(name: str) -> ExpectationError:
    return ExpectationError("cannot be changed as text", where=name, hint=NOT_POSSIBLE)


def _rows(text: str, name: str) -> list[dict[str, Any]]:
    tree: Any = document_from_text(text, name).value
    return list(tree[KEY])


def _rewritten(text: str, edits: Mapping[int, Sequence[Values]], added: Sequence[Values]) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    key, entries = next((one, value) for one, value in root.value if one.value == KEY)
    if not isinstance(entries, yaml.SequenceNode):
        raise ValueError("no entries")
    if entries.flow_style:
        return _in_brackets(text, key, entries, edits, added)
    return _in_lines(text, key, entries, edits, added)


def _in_lines(
    text: str,
    key: yaml.Node,
    entries: yaml.SequenceNode,
    edits: Mapping[int, Sequence[Values]],
    added: Sequence[Values],
) -> str:
    """The same of entries that stand one under the other, each after a dash."""
    items = [_item_in_lines(text, node) for node in entries.value]
    apart = "\n" if any(text[: one.begin].endswith("\n\n") for one in items) else ""
    column = text.index("-", items[0].begin) - items[0].begin
    rows = [_block(row, column) for row in added]
    out, at = "", 0
    for number, item in enumerate(items):
        copies = edits.get(number, [{}])
        out += text[at : item.begin]
        at = item.end
        if copies:
            out += apart.join(_copy(text, item, copy) for copy in copies)
        elif out.endswith("\n\n") and text[at : at + 1] == "\n":
            at += 1  # the blank line after it goes with it
        if number == len(items) - 1 and rows:
            out += "".join(f"{apart}{row}" for row in rows)
    out += text[at:]
    if added or any(edits.get(number, [{}]) for number in range(len(items))):
        return out if text.endswith("\n\n") else out.rstrip("\n") + "\n"
    colon = text.index(":", key.end_mark.index) + 1
    return f"{out[:colon]} []{out[colon:]}".rstrip("\n") + "\n"


def _item_in_lines(text: str, node: yaml.Node) -> _Item:
    if not isinstance(node, yaml.MappingNode):
        raise ValueError("an entry is not a mapping")
    dash = text.rindex("-", 0, node.start_mark.index)
    begin = text.rfind("\n", 0, dash) + 1
    if text[dash + 1 : node.start_mark.index].strip() or text[begin:dash].strip():
        raise ValueError("an entry shares its line with something else")
    last = _end(node)
    if text[last - 1 : last] == "\n":
        return _Item(begin, last, node)
    end = text.find("\n", last) + 1
    if not end:
        end = len(text)
    return _Item(begin, end, node)


def _end(node: yaml.Node) -> int:
    """Where the text of a node ends; what the library calls the end of a block is where the next begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _in_brackets(
    text: str,
    key: yaml.Node,
    entries: yaml.SequenceNode,
    edits: Mapping[int, Sequence[Values]],
    added: Sequence[Values],
) -> str:
    """The same of entries between brackets, as JSON has them."""
    if not entries.value:
        if not added:
            return text
        after = text[entries.end_mark.index :]
        if _root_is_in_brackets(text):
            inner = ", ".join(json.dumps(dict(row), ensure_ascii=False) for row in added)
            return f"{text[: entries.start_mark.index]}[{inner}]{after}"
        rows = "\n".join(_block(row, 2) for row in added)
        return f"{text[: entries.start_mark.index].rstrip(' ')}\n{rows.rstrip()}{after}"
    items = [_Item(one.start_mark.index, one.end_mark.index, one) for one in entries.value]
    between = [text[one.end : other.begin] for one, other in itertools.pairwise(items)]
    separator = between[0] if between else ", "
    out = ""
    for number, item in enumerate(items):
        copies = [_copy(text, item, copy) for copy in edits.get(number, [{}])]
        if copies and out:
            out += between[number - 1]
        out += separator.join(copies)
    for row in added:
        out += (separator if out else "") + json.dumps(dict(row), ensure_ascii=False)
    tail = text[items[-1].end :]
    if not out:
        tail = tail.lstrip(" \t\n,")
    return text[: items[0].begin].rstrip() + out + tail if not out else text[: items[0].begin] + out + tail


def _root_is_in_brackets(text: str) -> bool:
    """Whether the whole file is between brackets, as JSON is."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _copy(text: str, item: _Item, values: Values) -> str:
    """The text of an entry with other values; a key that it does not have yet comes after its rule."""
    changes: list[tuple[int, int, str]] = []
    places = {key.value: (key, value) for key, value in item.node.value}
    for name, value in values.items():
        if name in places:
            node = places[name][1]
            more = "\n" if text[node.end_mark.index - 1] == "\n" else ""
            column = item.node.start_mark.column
            changes.append((node.start_mark.index, _end(node), _scalar(value, column) + more))
            continue
        _, rule = places["rule"]
        if item.node.flow_style:
            changes.append((_end(rule), _end(rule), f', "{name}": {_scalar(value)}'))
            continue
        line_end = text.find("\n", _end(rule))
        line_end = len(text) if line_end < 0 else line_end
        indent = " " * item.node.start_mark.column
        changes.append((line_end, line_end, f"\n{indent}{name}: {_scalar(value, len(indent))}"))
    out, at = "", item.begin
    for begin, end, new in sorted(changes):
        out += text[at:begin] + new
        at = end
    return out + text[at : item.end]


def _scalar(value: Any, column: int = 0) -> str:
    """A value as YAML, which JSON is; a long list on several lines, of a key in that column."""
    text = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, list) or len(text) <= MOST_COLUMNS:
        return text
    lines = [""]
    for one in value:
        item = json.dumps(one, ensure_ascii=False) + ", "
        if lines[-1] and len(lines[-1] + item) > MOST_COLUMNS:
            lines.append("")
        lines[-1] += item
    broken = f"\n{' ' * (column + 2)}".join(line.rstrip() for line in lines)
    return f"[{broken.removesuffix(',')}]"


def _block(row: Values, column: int) -> str:
    """A new entry after a dash in that column, with its line break."""
    lines = [f"{name}: {_scalar(value, column + 2)}" for name, value in row.items()]
    first, rest = " " * column + "- ", " " * (column + 2)
    return first + f"\n{rest}".join(lines) + "\n"
