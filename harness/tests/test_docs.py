"""Do the pages of docs/ lead where they say, and do the commands in them exist?

The ordinary run needs no Sphinx: it reads the pages as they are after what is made for them is filled in.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
from bufspec.cli import main
from bufspec.manual.page import commands_under
from bufspec.reports.site.glossary import GLOSSARY
from command_line import schema

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
TOCTREE = re.compile(r"```\{toctree\}\n(.*?)```", re.DOTALL)
INCLUDE = re.compile(r"```\{literalinclude\} (\S+)")
LINK = re.compile(r"(?<!\\)\]\(([^)\s]+)\)")
LABEL = re.compile(r"^\(([^)\s]+)\)=$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^ {4}(?:\w+=\S+ )*(bufspec .*)$", re.MULTILINE)
OPTION = re.compile(r"`(--[a-z][a-z-]*)[^`\n]*`")
INLINE = re.compile(r"`(bufspec [^`\n]+)`")


def _made() -> ModuleType:
    spec = importlib.util.spec_from_file_location("made", DOCS / "made.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made = _made()


@functools.cache
def texts() -> dict[Path, str]:
    """What each page holds once what can be made is made; a process that only collects makes nothing."""
    return {page: made.filled(page.read_text(encoding="utf-8")) for page in PAGES}


@functools.cache
def labels() -> set[str]:
    """The labels of all pages."""
    return {label for text in texts().values() for label in LABEL.findall(text)}


def _name(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


def _commands(text: str) -> Iterator[list[str]]:
    """The commands that a page shows as its own: what is made from --help is checked elsewhere."""
    joined = text.replace("\\\n", " ")
    for shown in (*INDENTED.findall(FENCE.sub("", joined)), *INLINE.findall(joined)):
        yield shlex.split(shown)


def _fault(words: list[str]) -> str | None:
    """What of a command there is not; None if there is all of it."""
    context = click.Context(main, info_name="bufspec")
    command: click.Command = main
    rest = words[1:]
    while rest and isinstance(command, click.Group):
        if rest[0].startswith("-"):
            break
        found = command.get_command(context, rest.pop(0))
        if found is None:
            return "command"
        command, context = found, click.Context(found, parent=context)
    if "--" in rest:
        rest = rest[: rest.index("--")]  # what follows is a command of somebody else
    known = {name for one in command.get_params(context) for name in (*one.opts, *one.secondary_opts)}
    return next((word for word in rest if word.startswith("-") and word != "-" and word not in known), None)


def test_every_page_is_in_a_table_of_contents() -> None:
    listed = [DOCS / "index.md"]
    for page in PAGES:
        for block in TOCTREE.findall(page.read_text(encoding="utf-8")):
            names = [line for line in block.split() if not line.startswith(":")]
            listed += [
                (page.parent / f"{name}.md").resolve() for name in names if "/" in name or name[0] != ":"
            ]
    listed = [page for page in listed if page.suffix == ".md" and page.exists()]
    assert sorted(listed) == PAGES


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_what_a_page_links_to_and_includes_is_there(page: Path) -> None:
    text = texts()[page]
    gone = [name for name in INCLUDE.findall(text) if not (page.parent / name).is_file()]
    for link in LINK.findall(FENCE.sub("", text)):
        file, _, label = link.partition("#")
        if not link.startswith(("https://", "http://")) and (
            (file and not (page.parent / file).is_file()) or (label and label not in labels())
        ):
            gone.append(link)
    assert gone == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_the_commands_of_a_page_exist(page: Path) -> None:
    shown = list(_commands(page.read_text(encoding="utf-8")))
    assert [(words, fault) for words in shown if (fault := _fault(words))] == []


def test_options_that_a_page_names_alone_exist_in_some_command() -> None:
    commands = list(commands_under(click.Context(main, info_name="bufspec")))
    parameters = [one for context in commands for one in context.command.get_params(context)]
    known = {name for one in parameters for name in (*one.opts, *one.secondary_opts)}
    named = {option for page in PAGES for option in OPTION.findall(page.read_text(encoding="utf-8"))}
    assert {"--no-config", "--junit"} <= named
    assert named - known == set()


def test_commands_and_options_that_do_not_exist_are_seen() -> None:
    (long,) = _commands("    FLAG=1 bufspec check \\\n        --no-such-option x\n")
    assert _fault(long) == "--no-such-option"
    assert _fault(["bufspec", "spec", "no_such_table"]) == "command"
    assert _fault(["bufspec", "spec", "show", "AMB-6"]) is None
    assert sum(len(list(_commands(page.read_text(encoding="utf-8")))) for page in PAGES) > 50


def test_every_rule_has_a_place_and_every_hint_is_shown_once() -> None:
    rules = [rule for area in made.areas() for rule in made.rules_of(area)]
    assert {rule["id"] for rule in rules} <= labels()
    hints = texts()[DOCS / "i-see-a-rule.md"]
    counts = {rule["id"]: hints.count(f"(#{rule['id']})") for rule in rules}
    assert counts == {rule["id"]: int(bool(rule["hint"])) for rule in rules}
    others = [text for rule in rules for text in made.other_hints(rule["id"]).values()]
    assert others
    assert [text for text in others if made.plain(text) not in hints] == []


def test_the_glossary_has_the_words_that_need_one() -> None:
    needed = (
        "ambiguous rule, canary, case, contested, expectation, flag word, mutant, news, poison, profile, "
        "reading, scenario, shard, subject, trace, twin, undecided"
    )
    assert set(needed.split(", ")) <= {term for term, _ in GLOSSARY}


def test_every_example_is_on_a_page_that_says_how_to_write_one() -> None:
    examples = {one.name for one in (ROOT / "harness/examples").iterdir() if one.is_dir()}
    pages = [DOCS / "right-exporter.md", DOCS / "right-consumer.md"]
    shown = {name.split("/")[3] for page in pages for name in INCLUDE.findall(texts()[page])}
    assert shown == examples


def test_every_outcome_is_explained() -> None:
    text = texts()[DOCS / "reference/outcomes.md"]
    events = schema("events")["$defs"]
    outcomes = {*events["case-failed"]["properties"]["outcome"]["enum"]}
    outcomes |= {*events["rule"]["properties"]["outcome"]["enum"]}
    assert {one for one in outcomes if f"`{one}`" not in text} == set()


def test_no_page_is_left_with_a_mark_and_text_of_tables_is_shown_as_it_is() -> None:
    assert [_name(page) for page, text in texts().items() if "<!--" in text] == []
    assert made.plain("a *b* [c](d) <e> `f`\n g_h") == r"a \*b\* \[c\](d) \<e\> \`f\` g\_h"


@pytest.mark.nightly
def test_sphinx_builds_the_pages_without_a_warning(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-n",
        "-q",
        "-d",
        str(tmp_path / "trees"),
    ]
    done = subprocess.run(
        [*command, str(DOCS), str(tmp_path / "html")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    rule = (tmp_path / "html/reference/rules/request.html").read_text(encoding="utf-8")
    assert "request-strides-strides-present" in rule
    assert "assert_conforms" in (tmp_path / "html/reference/python.html").read_text(encoding="utf-8")
