"""Whether one file has the keys and types its schema asks for.

Turns what jsonschema finds into problems with a place, a reason and a hint.  The schemas lie in
spec/schema of the directory that is checked; references to anything outside a schema file are never
followed.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import jsonschema
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry as SchemaRegistry

from bufspec.spec.positions import At, Document, Refused
from bufspec.spec.problems import Problem

QUOTED_KEYS = frozenset({"format", "left", "right", "prefix", "code", "syntax", "to_format"})
"""Keys whose text is format grammar, which YAML would read as something else."""


def schema_problems(document: Document, schema: str) -> list[Problem]:
    """What the text of a schema refuses in `document`, unquoted formats first."""
    try:
        validator = _validator(schema, f"schema/{schema_of(document.file)}")
    except Refused as refused:
        return [refused.problem]
    problems = list(_unquoted(document))
    taken = {(problem.line, problem.column) for problem in problems}
    found: dict[tuple[int, int, str], Problem] = {}
    for error in validator.iter_errors(document.value):
        nested = isinstance(error.instance, Mapping | list)
        for problem in _problems_of(document, error):
            if (problem.line, problem.column) not in taken:
                same = (problem.line, problem.column, problem.message if nested else "")
                found.setdefault(same, problem)
    return problems + list(found.values())


def schema_of(file: str) -> str:
    """The schema file that holds for a file of spec/."""
    return "rules.schema.json" if file.startswith("tables/") else file.removesuffix(".yaml") + ".schema.json"


@lru_cache(maxsize=32)
def _validator(text: str, file: str) -> jsonschema.Draft202012Validator:
    try:
        schema: Any = json.loads(text)
        jsonschema.Draft202012Validator.check_schema(schema)
    except json.JSONDecodeError as error:
        raise Refused(Problem(file, error.lineno, error.colno, f"bad JSON: {error.msg}")) from error
    except RecursionError as error:
        raise Refused(Problem(file, 1, 1, "nested too deeply")) from error
    except SchemaError as error:
        raise Refused(Problem(file, 1, 1, f"no schema: {error.message}")) from error
    nothing: SchemaRegistry[Any] = SchemaRegistry()
    return jsonschema.Draft202012Validator(schema, registry=nothing)


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
    message, hint = _reason(error)
    yield document.problem(at, message, hint)


def _reason(error: ValidationError) -> tuple[str, str]:
    wanted: Any = error.validator_value
    instance: Any = error.instance
    shown = _shown(instance)
    match error.validator:
        case "required":
            missing = [key for key in wanted if key not in instance]
            return f"missing key {', '.join(missing)}", f"needed here: {', '.join(wanted)}"
        case "enum":
            name = next((step for step in reversed(error.absolute_path) if isinstance(step, str)), "")
            return f"unknown value {shown} of {name}", _instead(str(instance), [str(one) for one in wanted])
        case "const":
            return f"{shown} must be {_shown(wanted)}", ""
        case "type":
            hint = f'write "{error.instance}"' if wanted == "string" else ""
            return f"{shown} must be of type {wanted}", hint
        case "pattern":
            return f"{shown} is not well formed", f"it must match {wanted}"
        case "uniqueItems":
            return f"{shown} names something twice", ""
        case "minItems" | "minLength" | "minProperties":
            return f"{shown} is too short", f"at least {wanted}"
        case "maxItems" | "maxLength" | "maxProperties":
            return f"{shown} is too long", f"at most {wanted}"
        case "minimum" | "maximum":
            return f"{shown} is out of range", f"{error.validator} {wanted}"
        case _:
            return error.message[:160], ""


def _properties(schema: Any) -> Any:
    return schema.get("properties", {})


def _instead(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    choice = f"known here: {', '.join(known)}"
    return f"did you mean {near[0]}? {choice}" if near else choice


def _shown(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
