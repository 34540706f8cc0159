"""Tables and schemas that mean harm, or were damaged: what `bufspec spec check DIR` reads."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bufspec.spec.check import check_directory
from hostile_files.rows import (
    Input,
    Prepare,
    Row,
    cut,
    edits,
    fresh,
    not_files,
    texts,
    with_other_byte,
    writes,
)

SPEC = Path(__file__).resolve().parents[3] / "spec"
TABLE, SCHEMA = "tables/30-fields.yaml", "schema/rules.schema.json"
EDITIONS, OF_EDITIONS = "editions.yaml", "schema/editions.schema.json"
CUTS, BYTES = 100, 500
"""How many of each are drawn for a seed."""


def copied(path: Path) -> None:
    """The real tables, as links to be replaced one by one."""
    for file in files():
        (path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SPEC / file, path / file)


@cache
def files() -> list[str]:
    """The tables and schemas by their names."""
    found = [one for one in SPEC.rglob("*") if one.suffix in (".yaml", ".json")]
    return sorted(one.relative_to(SPEC).as_posix() for one in found)


def checked(path: Path) -> str | None:
    """Whether the check of a directory says all that it has to."""
    report = check_directory(path)
    for one in report.problems:
        if not (one.line >= 1 and one.column >= 1 and one.message and one.hint):
            return f"says too little: {one!r}"
    return None


def refused(path: Path) -> str | None:
    """The same for tables that must not pass."""
    report = check_directory(path)
    if report.ok:
        return "was taken for good"
    return checked(path)


def mutations(draw: random.Random) -> Iterator[Input]:
    """Cuts and single bytes of tables and schemas."""
    for kind, count in ((cut, CUTS), (with_other_byte, BYTES)):
        for _ in range(count):
            name = draw.choice(files())
            new = kind(draw, (SPEC / name).read_bytes())
            yield Input(f"{kind.__name__} of {name}", writes(new, name))


def schema_with(**keys: object) -> Prepare:
    """The schema of editions, with other keys for `name` of an edition."""
    schema = json.loads((SPEC / OF_EDITIONS).read_text(encoding="utf-8"))
    schema["properties"]["editions"]["items"]["properties"]["name"] = keys
    return writes(json.dumps(schema), OF_EDITIONS)


def schema_whole(**keys: object) -> Prepare:
    """A schema of editions of nothing but these keys."""
    return writes(json.dumps(keys), OF_EDITIONS)


def long_name(text: str, pattern: str) -> Prepare:
    """A name of an edition that a pattern takes for ever to refuse."""

    def prepare(path: Path) -> None:
        schema_with(type="string", pattern=pattern)(path)
        edits("name: current", f'name: "{text}"', EDITIONS)(path)

    return prepare


def both(*steps: Prepare) -> Prepare:
    """One after the other."""

    def prepare(path: Path) -> None:
        for step in steps:
            step(path)

    return prepare


def doubling(depth: int) -> dict[str, object]:
    """A schema that is checked 2 ** depth times."""
    definitions = {
        f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]}
        for n in range(depth)
    }
    return {"$ref": "#/$defs/d0", "$defs": {**definitions, f"d{depth}": {"type": "array"}}}


def crafted(_: random.Random) -> Iterator[Input]:
    """What a person would think of."""
    for name in (TABLE, SCHEMA):
        yield from not_files(name)
        for one in texts(name):
            if (name, one.label) != (SCHEMA, "an object"):  # which allows everything, and so the good tables
                yield Input(f"{one.label} in {name}", one.prepare)
    for label, reference in {
        "itself": "#",
        "its own place": "#/properties/editions/items/properties/name",
        "nowhere": "#/$defs/nowhere",
        "an anchor that is not there": "#nowhere",
        "http": "http://localhost:1/schema.json",
        "file": "file:///etc/passwd",
        "a neighbour": "layouts.schema.json",
        "a metaschema": "https://json-schema.org/draft/2020-12/schema#/$defs/nowhere",
        "control characters": "#/\x1b[31m",
    }.items():
        yield Input(f"$ref to {label}", schema_with(**{"$ref": reference}))
        yield Input(f"$dynamicRef to {label}", schema_with(**{"$dynamicRef": reference}))
    circle = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
    yield Input("$ref in a circle", schema_whole(**circle))
    yield Input("$ref spelt with an escape", writes('{"\\u0024ref": "http://localhost:1/"}', OF_EDITIONS))
    yield Input("$id elsewhere", schema_whole(**{"$id": "http://localhost:1/", "$ref": "other.json"}))
    yield Input("not of not of not", writes('{"not":' * 3000 + "{}" + "}" * 3000, OF_EDITIONS))
    yield Input("pattern that is none", schema_with(type="string", pattern="(("))
    yield Input("pattern of a thousand megabytes", schema_with(pattern="(((a{1000}){1000}){1000}){9}"))
    yield Input("type that is none", schema_with(type="strang"))
    yield Input("bound that is infinite", writes('{"maxItems": 1e999}', OF_EDITIONS))
    yield Input("bound that is not a number", writes('{"maxItems": NaN}', OF_EDITIONS))
    yield Input("bound of 5,000 digits", writes('{"maxItems": ' + "9" * 5000 + "}", OF_EDITIONS))
    yield Input("multipleOf 0", schema_with(multipleOf=0))
    yield Input("a key twice", writes('{"type": "object", "type": "array"}', OF_EDITIONS))
    for label, free in {"everything": "{}", "true": "true"}.items():
        for text in ("[]", "{}", "{editions: 5}", "{editions: [{name: [1]}]}"):
            yield Input(
                f"a schema that allows {label}, and {text}",
                both(writes(free, OF_EDITIONS), writes(text, EDITIONS)),
            )
    everything = writes("{}", SCHEMA)
    for text in ("{}", "{area: 1, title: 2, rules: 3}", "{area: fields, title: t, rules: [{id: 1}]}"):
        yield Input(
            f"a schema of tables that allows everything, and {text}", both(everything, writes(text, TABLE))
        )
    yield from hostile_yaml()
    yield from hostile_folders()


def endless(_: random.Random) -> Iterator[Input]:
    """What a check of it would take for ever to see through; each costs the whole limit."""
    yield Input("doubling", schema_whole(**doubling(40)))
    for text, pattern in (
        ("a" * 60 + "!", "^(a+)+$"),
        ("a" * 60 + "!", "^(a|a)*$"),
        ("a" * 60 + "!", "^(a|aa)+$"),
        ("a" * 2000 + "!", "^.*.*.*.*.*x$"),
        ("a" * 60, "^(?:a?){60}a{60}b$"),
    ):
        yield Input(f"pattern {pattern}", long_name(text, pattern))
    unique = ", ".join(f"{{a: {n}}}" for n in range(9_000))
    yield Input("a list of nothing twice", edits("binds: [exporter]", f"binds: [{unique}]", TABLE))


def hostile_yaml() -> Iterator[Input]:
    """What YAML has for who means harm."""
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    for label, text in {
        "an alias bomb": bomb,
        "an anchor of itself": "&a [*a]",
        "a tag that makes an object": "!!python/object/apply:os.system [true]",
        "a tag of binary data": "!!binary aaaa",
        "a merge": "<<: {a: 1}",
        "a version": "%YAML 9.9\n---\na: 1\n",
        "a tag directive": "%TAG ! tag:x,2000:\n---\n!a b\n",
        "a key that is a list": "? [a]\n: b\n",
        "many documents": "---\n" * 1000,
        "infinity": "a: .inf\n",
        "a date": "a: 2001-01-01\n",
        "an octal number": "a: 0o17\n",
        "a number of 5,000 digits": "a: " + "9" * 5000,
        "tabs": "a:\n\t- b\n",
        "a long key": "k" * 300_000 + ": 1\n",
        "many keys": "".join(f"k{n}: 1\n" for n in range(40_000)),
        "a long block": "a: |\n" + "  x\n" * 100_000,
        "a long quoted text": 'a: "' + "x" * 400_000 + '"',
        "escapes": 'a: "\\U0010ffff\\ud800"',
        "an escape beyond Unicode": 'a: "\\U00110000"',
        "nested blocks": "".join(" " * n + "-\n" for n in range(600)),
        "nested blocks on a line": "- " * 100_000,
        "comments": "#" * 400_000,
        "control characters as escapes": 'area: "\\e]0;owned\\a"',
    }.items():
        yield Input(label, writes(text, TABLE))
    rows = "".join(f"  - {{id: {{a: {n}}}}}\n" for n in range(9_000))
    yield Input("many rows of another form", writes(f"area: fields\ntitle: t\nrules:\n{rows}", TABLE))
    unknown = "".join(f"key_{n}: 1\n" for n in range(9_000))
    yield Input("unknown keys", writes(unknown, TABLE))
    huge = "shape: [4611686018427387904, 4611686018427387904]"
    yield Input("a memory of 2 ** 124 elements", edits("shape: [12]", huge, "layouts.yaml"))
    many = "shape: [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]"
    yield Input("a memory of 2 ** 30 elements", edits("shape: [12]", many, "layouts.yaml"))


def hostile_folders() -> Iterator[Input]:
    """Folders of tables that are none."""

    def without(name: str) -> Prepare:
        return lambda path: shutil.rmtree(path / name)

    for name in ("tables", "schema"):
        yield Input(f"no {name}", without(name))
        yield Input(f"{name} is a file", both(without(name), writes("", name)))
    for name in ("sources.yaml", SCHEMA, TABLE):
        yield Input(f"no {name}", lambda path, gone=name: fresh(path / gone) and None)  # type: ignore[misc]
    yield Input("a table of another kind", writes("", "tables/notes.txt"))
    yield Input("a name of control characters", writes("", "tables/\x1b[31m\n\u202e.yaml"))
    yield Input(
        "a name that is not UTF-8", writes("", b"tables/\xff.yaml".decode("utf-8", "surrogateescape"))
    )
    yield Input(
        "a thousand tables",
        lambda path: [writes("{}", f"tables/{n}.yaml")(path) for n in range(1000)] and None,  # type: ignore[func-returns-value]
    )


ROWS = [
    lambda: Row("mutations of the tables", copied, mutations, checked),
    lambda: Row("crafted specs", copied, crafted, refused),
    lambda: Row("specs that take for ever", copied, endless, refused),
]
