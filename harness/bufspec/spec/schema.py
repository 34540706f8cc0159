"""Whether one file has the keys and types its schema asks for.

Turns what jsonschema finds into problems with a place, a reason and a hint.  The schemas lie in
spec/schema of the directory that is checked, and may be as hostile as the tables: references to anything
outside a schema file are refused, and the check runs within limits.
"""

from __future__ import annotations

import difflib
import importlib.resources
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from importlib.resources.abc import Traversable
from itertools import islice
from typing import Any

import jsonschema
from attrs import astuple
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry as SchemaRegistry

from bufspec.errors import close_to, near_names, text_of
from bufspec.files.json_text import object_from_text, offset_of
from bufspec.files.problem import Problem, Refused, place_in
from bufspec.spec.limited import Exhausted, within_limits
from bufspec.spec.positions import At, Document

QUOTED_KEYS = frozenset({"format", "left", "right", "prefix", "code", "syntax", "to_format"})
"""Keys whose text is format grammar, which YAML would read as something else."""


FOLDERS = {"tables": "rules.schema.json", "sources": "clauses.schema.json"}
"""The schema of every file in a folder; any other file has one of its own name."""
MOST_PROBLEMS = 100
"""So many are reported of one file: who has that many made one mistake, or means harm."""
EXHAUSTED = "to check the files by these schemas takes too long, or too much memory"
EXHAUSTED_HINT = "no $ref may lead to itself, no pattern repeat what repeats; or the lists are too long"
OWN_KEYS = "a key stands nowhere twice in a schema, and it refers to nothing outside of itself"


def schema_problems(files: Sequence[tuple[Document, str]]) -> list[list[Problem]] | None:
    """What the text of a schema refuses in each document, unquoted formats first.

    Whatever they hold it ends, within the limits of limited.py; None if these were not enough.
    """
    try:
        found = within_limits(lambda: [list(map(astuple, _problems(*one))) for one in files])
    except Exhausted:
        return None
    return [[Problem(*one) for one in problems] for problems in found]


END = re.compile(r"(?<!\\)\$(?=[|)]|$)")
"""In a pattern the end of a text, after which Python lets a line break come, and JSON Schema nothing."""


def _matches(validator: Any, pattern: str, value: object, schema: object) -> Iterator[ValidationError]:
    if isinstance(value, str) and not re.search(END.sub(r"\\Z", pattern), value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


SchemaValidator: Any = jsonschema.validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator, {"pattern": _matches}
)
"""Draft 2020-12, by which a text with a line break at its end is another text."""


def _schema_file(document: Document) -> str:
    return f"schema/{schema_of(document.file)}"


def _problems(document: Document, schema: str) -> list[Problem]:
    file = _schema_file(document)
    try:
        validator = _validator(schema, file)
        problems = list(islice(_unquoted(document), MOST_PROBLEMS))
        taken = {(problem.line, problem.column) for problem in problems}
        found: dict[tuple[int, int, str], Problem] = {}
        errors = list(islice(validator.iter_errors(document.value), MOST_PROBLEMS))
        for error in sorted(
            errors, key=lambda one: one.validator == "required"
        ):  # may follow from the others
            nested = isinstance(error.instance, Mapping | list)
            for problem in islice(_problems_of(document, error), MOST_PROBLEMS):
                if (problem.line, problem.column) not in taken:
                    same = (problem.line, problem.column, problem.message if nested else "")
                    found.setdefault(same, problem)
        return [*problems, *list(found.values())[:MOST_PROBLEMS]]
    except Refused as refused:
        return [refused.problem]
    except MemoryError:
        raise
    except RecursionError:
        return [Problem(file, 1, 1, "the schema leads to itself", "no $ref may lead back to where it stands")]
    except Exception as error:  # whatever a schema makes of the library
        return [Problem(file, 1, 1, f"the schema cannot be applied: {text_of(error)}", OWN_KEYS)]


def schema_of(file: str) -> str:
    """The schema file that holds for a file of spec/."""
    folder, _, name = file.rpartition("/")
    return FOLDERS.get(folder, name.removesuffix(".yaml") + ".schema.json")


@lru_cache(maxsize=32)
def _validator(text: str, file: str) -> Any:
    schema = object_from_text(text, file)
    try:
        if not is_schema_of_ours(
            text, file
        ):  # half of the time of a check goes into the schema of the schemas
            jsonschema.Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        line, column = place_in(text, offset_of(text, tuple(error.absolute_path)))
        raise Refused(Problem(file, line, column, f"not a schema: {error.message}")) from error
    _refuse_stray_references(schema, text, file)
    nothing: SchemaRegistry[Any] = SchemaRegistry()
    return SchemaValidator(schema, registry=nothing)


def is_schema_of_ours(text: str, file: str) -> bool:
    """Whether a schema came with this program, to the letter; a test holds those to be schemas."""
    with suppress(OSError):
        name = file.removeprefix("schema/")
        return any(text == folder.joinpath(name).read_text(encoding="utf-8") for folder in _folders_of_ours())
    return False


def _folders_of_ours() -> list[Traversable]:
    folder = importlib.resources.files("bufspec")
    found = (folder.joinpath("spec_data", "schema"), folder.joinpath("expectations"))
    return [one for one in found if one.is_dir()]


REFERENCE = re.compile(r'"\$(?:ref|dynamicRef)"\s*:\s*("(?:[^"\\]|\\.)*")')


def _refuse_stray_references(schema: dict[str, Any], text: str, file: str) -> None:
    """Raise Refused, with the place, for a reference that leads out of the schema or to nothing in it."""
    for match in REFERENCE.finditer(text):
        target = json.loads(match[1], strict=False)
        if not target.startswith("#"):
            message, hint = "leads out of this file", "a schema refers to itself only: #/$defs/NAME"
        elif target.startswith("#/") and not _leads_somewhere(schema, target):
            message, hint = "leads nowhere", near_names(target, _definitions(schema), otherwise=OWN_KEYS)
        else:
            continue
        line, column = place_in(text, match.start(1))
        raise Refused(Problem(file, line, column, f"$ref {target[:80]} {message}", hint))


def _leads_somewhere(schema: Any, target: str) -> bool:
    for step in target.removeprefix("#/").split("/"):
        step = step.replace("~1", "/").replace("~0", "~")
        try:
            schema = schema[int(step)] if isinstance(schema, list) else schema[step]
        except (LookupError, TypeError, ValueError):
            return False
    return isinstance(schema, Mapping | bool)


def _definitions(schema: Mapping[str, Any]) -> list[str]:
    named = schema.get("$defs")
    return [f"#/$defs/{name}" for name in named] if isinstance(named, Mapping) else []


def _unquoted(document: Document) -> Iterator[Problem]:
    for at in document.unquoted:
        key = at[-1] if at else ""
        if key not in QUOTED_KEYS:
            continue
        value = value_at(document.value, at)
        if value is None or isinstance(value, bool):
            continue
        yield document.problem(
            at, f"unquoted {key} {value}: YAML eats format codes", f'write {key}: "{value}"'
        )


def value_at(value: Any, at: At) -> Any:
    """The value at a path inside `value`."""
    for step in at:
        value = value[step]
    return value


def _problems_of(document: Document, error: ValidationError) -> Iterator[Problem]:
    at: At = tuple(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        known = list(_properties(error.schema))
        for key in error.instance:
            if key not in known:
                yield document.problem((*at, key), f'unknown key "{key}"', _instead(key, known), key=True)
        return
    if error.validator == "required" and not _missing(error):
        return  # what is missing is there, misspelt
    message, hint = reason_of(error)
    yield document.problem(at, message, hint)


def _missing(error: ValidationError) -> list[str]:
    """The keys that are needed and not there, but for those that an unknown key was meant to be."""
    schema: Any = error.schema
    instance: Any = error.instance
    is_closed = schema.get("additionalProperties") is False
    unknown = [key for key in instance if key not in _properties(schema)] if is_closed else []
    wanted: Any = error.validator_value
    missing = [key for key in wanted if key not in instance]
    return [key for key in missing if not difflib.get_close_matches(key, unknown, n=1)]


def reason_of(error: ValidationError) -> tuple[str, str]:
    """What an error of the library says, and how to fix it."""
    wanted: Any = error.validator_value
    instance: Any = error.instance
    shown = _shown(instance)
    match error.validator:
        case "required":
            return f"missing key {', '.join(_missing(error))}", f"needed here: {', '.join(wanted)}"
        case "enum":
            name = next((step for step in reversed(error.absolute_path) if isinstance(step, str)), "")
            return f"unknown value {shown} of {name}", _instead(str(instance), [str(one) for one in wanted])
        case "const":
            return f"{shown} must be {_shown(wanted)}", "or leave the key out" if wanted is True else ""
        case "type":
            hint = {"string": f'write "{error.instance}"', "boolean": "write true or false"}.get(
                str(wanted), ""
            )
            return f"{shown} must be of type {wanted}", hint
        case "pattern":
            return f"{shown} is not well formed", f"it must match {wanted}"
        case "uniqueItems":
            return f"{shown} names something twice", ""
        case "minItems" | "minLength" | "minProperties":
            return f"{shown} is too short", f"at least {_counted(wanted, error)}"
        case "maxItems" | "maxLength" | "maxProperties":
            return f"{shown} is too long", f"at most {_counted(wanted, error)}"
        case "minimum" | "maximum":
            return f"{shown} is out of range", f"{error.validator} {wanted}"
        case None:  # of a key that the others do not allow, and that the library does not name
            return f"{shown} cannot stand here, with these other keys", ""
        case _:
            return error.message[:160], ""


def _counted(number: Any, error: ValidationError) -> str:
    what = {"Items": "entry", "Length": "character", "Properties": "key"}[str(error.validator)[3:]]
    plural = "entries" if what == "entry" else f"{what}s"
    return f"{number} {what if number == 1 else plural}"


def _properties(schema: Any) -> Any:
    return schema.get("properties", {})


def _instead(key: str, known: list[str]) -> str:
    near = close_to(key, known, most=1)
    choice = f"known here: {', '.join(known)}"
    return f"did you mean {near[0]}? {choice}" if near else choice


def _shown(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
