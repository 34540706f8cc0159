"""Does a command obey the project's configuration, and is what the file says wrong said with its place?"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
from bufspec.commands import configured
from bufspec.commands.check import check
from bufspec.commands.options import SECONDS
from bufspec.commands.pairs import pairs
from bufspec.errors import BufspecError
from bufspec.project.configuration import SCHEMA, find_configuration, load_configuration
from bufspec.project.toml_document import document_from_toml
from bufspec.run.news import FAIL_ON
from bufspec.words import EDITIONS
from command_line import run

SUBJECTS = """from bufspec.declare import exporter

exporter("own.{name}", expect=b"abc")(lambda: {made}(b"abc"))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two subject files, and a folder inside it, which is the current one."""
    (tmp_path / ".git").mkdir()
    for name, made in (("first", "bytearray"), ("second", "bytes")):
        (tmp_path / f"{name}_subjects.py").write_text(SUBJECTS.format(name=name, made=made))
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    return tmp_path


def write(folder: Path, text: str, name: str = "bufspec.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def values_in(folder: Path) -> dict[str, Any] | None:
    found = find_configuration(folder)
    return found.values if found else None


def refusal(folder: Path) -> BufspecError:
    with pytest.raises(BufspecError) as caught:
        find_configuration(folder)
    assert caught.value.exit_code == 2
    return caught.value


def listed(*arguments: str, cwd: Path) -> list[str]:
    """The subjects that `bufspec check --list` would judge there."""
    done = run("check", "--list", "--format", "json", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    targets = json.loads(done.stdout)["targets"].values()
    return [name for target in targets for name in target["subjects"]]


# Where it is found


def test_it_is_found_from_a_folder_inside_and_its_paths_lead_there(project: Path) -> None:
    write(project, 'files = ["first_subjects.py"]\nexpectations = ["known.yaml"]\n')
    assert values_in(Path.cwd()) == {"files": ["../first_subjects.py"], "expectations": ["../known.yaml"]}
    write(project, 'files = ["/elsewhere.py"]\n')
    found = values_in(Path.cwd())
    assert found and os.path.abspath(found["files"][0]) == "/elsewhere.py"


def test_a_table_of_pyproject_serves_as_well(project: Path) -> None:
    write(project, '[project]\nname = "own"\n\n[tool.bufspec]\njobs = 2\n', "pyproject.toml")
    found = find_configuration(Path.cwd())
    assert found and found.values == {"jobs": 2}
    assert found.where == "../pyproject.toml:4"


@pytest.mark.parametrize("root", [".git", ".hg", "pyproject.toml"])
def test_the_search_ends_at_the_root_of_the_project(project: Path, root: str) -> None:
    write(project, "jobs = 2\n")
    assert values_in(Path.cwd()) == {"jobs": 2}
    if root == "pyproject.toml":
        write(Path.cwd(), '[project]\nname = "bufspec-user"\n', root)
    else:
        Path(root).mkdir()
    assert values_in(Path.cwd()) is None


def test_two_configurations_in_one_folder_are_refused(project: Path) -> None:
    write(project, "jobs = 2\n")
    write(project, "[build-system]\n[tool.bufspec]\njobs = 3\n", "pyproject.toml")
    error = refusal(Path.cwd())
    assert error.where == "../pyproject.toml:2:1"
    assert "bufspec.toml is here, too" in error.what


def test_that_of_another_user_above_is_refused_and_one_of_a_name_not(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever may write to a folder above, such as /tmp, could run code as this user.
    file = write(project, "jobs = 2\n")
    owner = file.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    genuine = Path.stat

    class Theirs:
        st_uid = owner + 2

    monkeypatch.setattr(
        Path, "stat", lambda path, **more: Theirs() if path == file else genuine(path, **more)
    )
    assert "another user" in refusal(Path.cwd()).what
    assert values_in(project) == {"jobs": 2}
    assert load_configuration(file).values == {"jobs": 2}


# What it decides


def test_check_without_arguments_judges_what_it_names(project: Path) -> None:
    write(project, 'files = ["first_subjects.py"]\ntimeout = 7.5\n')
    done = run("check", "-v", "--case", "request.word_0x00*", cwd=Path.cwd())
    assert done.returncode == 0, done.stderr
    assert "own.first" in done.stdout
    assert "stdlib" not in done.stdout
    assert done.stderr.startswith("configuration: ../bufspec.toml:1\n")


@pytest.mark.slow
def test_what_the_command_line_names_takes_the_place_of_what_it_names(project: Path) -> None:
    write(
        project,
        'subjects = ["stdlib.bytes"]\nfiles = ["first_subjects.py"]\nexporters = ["builtins:bytearray(2)"]\n',
    )
    assert listed(cwd=Path.cwd()) == ["stdlib.bytes", "builtins:bytearray(2)"]
    assert listed("own.first", cwd=Path.cwd()) == ["own.first"]
    assert listed("stdlib.bytearray", cwd=Path.cwd()) == ["stdlib.bytearray"]
    assert listed("--subjects", "../second_subjects.py", cwd=Path.cwd()) == ["own.second"]
    assert listed("--exporter", "builtins:bytes(3)", cwd=Path.cwd()) == ["builtins:bytes(3)"]
    assert "stdlib.bytes_empty" in listed("--no-config", cwd=Path.cwd())


def test_a_configuration_can_be_named(project: Path) -> None:
    write(project, "nonsense = 1\n")
    other = write(project, 'subjects = ["stdlib.bytes"]\n', "other.toml")
    assert listed("--config", str(other), cwd=Path.cwd()) == ["stdlib.bytes"]
    done = run("check", "--config", "absent.toml", cwd=Path.cwd())
    assert done.returncode == 2
    assert "absent.toml:1:1" in done.stderr


def test_limits_level_and_seed_are_those_of_the_file_unless_the_command_line_says_otherwise(
    project: Path,
) -> None:
    file = write(project, 'fail-on = "none"\nseed = 7\nedition = "2010"\nallow-undecided = true\njobs = 3\n')
    values = load_configuration(file).values
    with check.make_context(
        "check", ["--config", str(file), "--seed", "8", "--no-allow-undecided"]
    ) as context:
        found = context.params
    assert values["seed"] == 7
    assert [found[name] for name in ("fail_on", "seed", "edition", "allow_undecided", "jobs")] == [
        "none",
        8,
        "2010",
        False,
        3,
    ]


def test_pairs_has_a_table_of_its_own(project: Path) -> None:
    file = write(
        project,
        'exporters = ["builtins:bytes(3)"]\njobs = 3\n[pairs]\nonly-touching = "own"\nconsumers = ["a"]\n',
    )
    with pairs.make_context("pairs", ["--config", str(file)]) as context:
        found = context.params
    assert (found["only_touching"], found["consumers"], found["jobs"]) == ("own", ("a",), 3)
    assert found["exporter_expressions"] == ()


@pytest.mark.slow
def test_files_to_write_are_options_by_format(project: Path) -> None:
    file = write(project, '[reports]\nmarkdown = "build/summary.md"\n')
    options = [click.Option(["--markdown"]), click.Option(["--jobs"], type=int)]
    command = click.Command("check", params=list(options))
    assert configured.defaults_from(load_configuration(file).values, command) == {
        "markdown": "../build/summary.md"
    }
    done = run("check", "stdlib.bytes", "--case", "request.word_0x000", cwd=Path.cwd())
    assert done.returncode == 0, done.stderr
    assert "stdlib.bytes" in (project / "build/summary.md").read_text(encoding="utf-8")
    assert listed("stdlib.bytes", cwd=Path.cwd()) == ["stdlib.bytes"]
    write(project, '[reports]\nmarkdwon = "x"\n')
    done = run("check", cwd=Path.cwd())
    assert (done.returncode, done.stdout) == (2, "")
    assert "../bufspec.toml:2:1" in done.stderr
    assert "did you mean markdown?" in done.stderr


# What is wrong with it


@pytest.mark.parametrize(
    "text, place, message, hint",
    [
        ("jobs = 2\nfail_on = 'none'\n", "2:1", 'unknown key "fail_on"', "did you mean fail-on?"),
        ("subjects = ['a',\n  'b', 3]\n", "2:8", "3 must be of type string", '"3"'),
        ("fail-on = 'all'\n", "1:11", 'unknown value "all" of fail-on', "recommended"),
        ("jobs = 0\n", "1:8", "0 is out of range", "minimum 1"),
        ("jobs = true\n", "1:8", "true must be of type integer", ""),
        ("timeout = nan\n", "1:11", "nan is not a number of seconds", ""),
        ("\n[pairs]\nonly_touching = 'a'\n", "3:1", 'unknown key "only_touching"', "only-touching"),
        ("exporters = ['own']\n", "1:14", '"own" is not well formed', "it must match"),
        ("jobs = \n", "1:8", "bad TOML: Invalid value", "equals signs"),
        ("jobs = 1\njobs = 2\n", "2:9", "bad TOML: Cannot overwrite a value", ""),
        ("", "1:1", "the configuration is empty", "subjects = "),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    project: Path, text: str, place: str, message: str, hint: str
) -> None:
    write(project, text)
    error = refusal(Path.cwd())
    assert error.where == f"../bufspec.toml:{place}"
    assert error.what == message
    assert hint in error.hint


def test_the_command_ends_with_2_and_help_needs_no_good_file(project: Path) -> None:
    write(project, "subject = ['a.*']\n")
    done = run("check", cwd=Path.cwd())
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        'error: unknown key "subject"',
        "  where: ../bufspec.toml:1:1",
        *[line for line in done.stderr.splitlines() if line.startswith("  hint:  did you mean subjects?")],
    ]
    assert run("check", "--help", cwd=Path.cwd()).returncode == 0


# One definition


def test_the_schema_and_the_options_allow_the_same() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    keys = schema["properties"]
    samples: dict[str, Any] = {key: True for key in keys if keys[key].get("type") == "boolean"}
    samples |= {key: ["a"] for key in ("subjects", "files", "exporters", "consumers", "expectations")}
    samples |= {key: 1 for key in keys if key not in samples and key not in configured.TABLES}
    # Every key is an option, and each command's table names options of that command.
    assert len(configured.defaults_from(samples, check)) == len(keys) - len(configured.TABLES)
    table = {key: ["a"] for key in keys["pairs"]["properties"]}
    assert len(configured.defaults_from({"pairs": table}, pairs)) == len(table)
    for key, texts in (("edition", EDITIONS), ("fail-on", tuple(FAIL_ON))):
        assert tuple(keys[key]["enum"]) == texts
    by_name = {name: one for one in check.params for name in one.opts}
    for key in ("memory-limit", "jobs", "seed", "repeat"):
        kind: Any = by_name[f"--{key}"].type
        assert (keys[key]["minimum"], keys[key]["maximum"]) == (kind.min, kind.max), key
    seconds = schema["$defs"]["seconds"]
    assert (seconds["minimum"], seconds["maximum"]) == (SECONDS.min, SECONDS.max)
    for key in ("timeout", "setup-timeout"):
        assert by_name[f"--{key}"].type is SECONDS
        assert keys[key]["$ref"] == "#/$defs/seconds"


# Places

TEXT = """# a comment with "quotes" and [brackets]
title = "TOML" # another
"quoted key" . 'second part'.third = 1
texts = [
  'literal \\', # in a list
  "escaped \\" quote", \"\"\"several
lines "" and a \\"\"\" quote\"\"\"\"\",
  '''raw
''' ,
]
day = 1979-05-27 07:32:00
numbers = [ 1, 0x2f , -3.5e2, [true, []], inf,]
inline = { a = 1, b.c = [ {d = 2}, {} ], "e" = '}' }
[table."with a # sign".inner]
key = 5
[[fruit]]
name = "apple"
[fruit.physical]
colour = "red"
[[fruit.variety]]
name = "red delicious"
[[fruit.variety]]
name = "granny smith"
[[fruit]]
name = "banana"
[[fruit.variety]]
name = "plantain"
"""


def leaves(value: Any, at: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    if isinstance(value, dict):
        return {path: leaf for key, one in value.items() for path, leaf in leaves(one, (*at, key)).items()}
    if isinstance(value, list):
        return {path: leaf for key, one in enumerate(value) for path, leaf in leaves(one, (*at, key)).items()}
    return {at: value}


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_at_the_place_of_each_value_stands_that_value(line_break: str) -> None:
    text = TEXT.replace("\n", line_break)
    document = document_from_toml(text, "file.toml")
    assert document
    lines = text.split("\n")
    tree = tomllib.loads(text)
    found = leaves(tree)
    assert len(found) == 22
    for at, value in found.items():
        place = document.values[at]
        rest = "\n".join([lines[place.line - 1][place.column - 1 :], *lines[place.line :]])
        # What follows the value is cut off until what is left reads as it.
        ends = (end for end in range(1, len(rest) + 1) if reads(rest[:end]) == value)
        assert next(ends, None), (at, rest[:40])
    for at, place in document.keys.items():
        shown = lines[place.line - 1][place.column - 1 :]
        assert shown.lstrip("\"'").startswith(at[-1]), at


def reads(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return None
