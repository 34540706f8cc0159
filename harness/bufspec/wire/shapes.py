"""Does a value have the shape that a type says, and what is that shape as JSON Schema?

Of the types that messages are made of: bool, int, float, str, None, unions, lists, tuples of a fixed
length, dicts with keys of text, TypedDicts, and Any for what is only bounded.  No text and no list is longer
than MOST_TEXT and MOST_ENTRIES, no number larger than 64 bits, and nothing deeper than MOST_LEVELS.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

MOST_TEXT = 1 << 22
MOST_ENTRIES = 1 << 20
MOST_LEVELS = 64
"""Of what is only bounded."""
LEAST_NUMBER, MOST_NUMBER = -(1 << 63), (1 << 64) - 1

PLAIN: dict[type, tuple[str, dict[str, Any]]] = {
    bool: ("true or false", {"type": "boolean"}),
    int: ("an integer", {"type": "integer", "minimum": LEAST_NUMBER, "maximum": MOST_NUMBER}),
    float: ("a number", {"type": "number"}),
    str: ("a text", {"type": "string", "maxLength": MOST_TEXT}),
    type(None): ("null", {"type": "null"}),
}


class Misfit(Exception):
    """A value of another shape; names the place: "ranges[2]: expected a list of 2"."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: expected {expected}" if path else f"expected {expected}")


@functools.cache
def fields_of(kind: type) -> dict[str, tuple[Any, bool]]:
    """The fields of a TypedDict: the type of each, and whether it has to be there."""
    hints = get_type_hints(kind, include_extras=True)
    found = {}
    for name, hint in hints.items():
        is_optional = get_origin(hint) is NotRequired
        found[name] = (get_args(hint)[0] if is_optional else hint, not is_optional)
    return found


def check(kind: Any, value: object, path: str = "") -> None:
    """Raise Misfit unless `value` is of the type."""
    if kind is Any:
        _check_bounds(value, path, MOST_LEVELS)
        return
    origin, inner = get_origin(kind), get_args(kind)
    if is_typeddict(kind):
        _check_fields(kind, value, path)
    elif kind in PLAIN:
        _check_plain(kind, value, path)
    elif origin in (Union, types.UnionType):
        if any(_is_plain(one, value) for one in inner if one in PLAIN):
            return
        rest = [one for one in inner if one not in PLAIN]
        if not rest:
            raise Misfit(path, " or ".join(PLAIN[one][0] for one in inner))
        for one in rest[:-1]:
            with suppress(Misfit):
                check(one, value, path)
                return
        check(rest[-1], value, path)
    elif origin is dict:
        if not isinstance(value, Mapping) or len(value) > MOST_ENTRIES:
            raise Misfit(path, "an object")
        for key, one in value.items():
            _check_plain(str, key, path)
            check(inner[1], one, f"{path}.{key}")
    else:
        _check_list(origin, inner, value, path)


def _check_bounds(value: object, path: str, levels: int) -> None:
    """Raise Misfit for what is no JSON of bounded size and depth."""
    if isinstance(value, Mapping) and levels:
        if len(value) > MOST_ENTRIES:
            raise Misfit(path, f"an object of at most {MOST_ENTRIES}")
        for key, one in value.items():
            _check_plain(str, key, path)
            _check_bounds(one, f"{path}.{key}", levels - 1)
    elif isinstance(value, list | tuple) and levels:
        if len(value) > MOST_ENTRIES:
            raise Misfit(path, f"a list of at most {MOST_ENTRIES}")
        for number, one in enumerate(value):
            _check_bounds(one, f"{path}[{number}]", levels - 1)
    elif isinstance(value, Mapping | list | tuple):
        raise Misfit(path, f"at most {MOST_LEVELS} levels")
    elif isinstance(value, str):
        _check_plain(str, value, path)


def _check_list(origin: object, inner: tuple[Any, ...], value: object, path: str) -> None:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes) or len(value) > MOST_ENTRIES:
        raise Misfit(path, f"a list of at most {MOST_ENTRIES}")
    if origin is tuple and len(value) != len(inner):
        raise Misfit(path, f"a list of {len(inner)}")
    for number, one in enumerate(value):
        check(inner[number] if origin is tuple else inner[0], one, f"{path}[{number}]")


def _check_fields(kind: type, value: object, path: str) -> None:
    if not isinstance(value, Mapping):
        raise Misfit(path, "an object")
    fields = fields_of(kind)
    for name, (inner, is_needed) in fields.items():
        if name in value:
            check(inner, value[name], f"{path}.{name}" if path else name)
        elif is_needed:
            raise Misfit(path, f"a field {name}")
    for name in value:
        if name not in fields:
            raise Misfit(path, f"no field {name!r:.60}")


def _check_plain(kind: type, value: object, path: str) -> None:
    if not _fits(kind, value):
        raise Misfit(path, PLAIN[kind][0])
    if isinstance(value, str) and len(value) > MOST_TEXT:
        raise Misfit(path, f"a text of at most {MOST_TEXT} characters")
    if kind is int and isinstance(value, int) and not LEAST_NUMBER <= value <= MOST_NUMBER:
        raise Misfit(path, "an integer of 64 bits")


def _is_plain(kind: type, value: object) -> bool:
    """Whether a value is of that plain type, within its bounds."""
    try:
        _check_plain(kind, value, "")
    except Misfit:
        return False
    return True


def _fits(kind: type, value: object) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind) and (kind is not int or not isinstance(value, bool))


def schema_of(
    kind: Any, definitions: dict[str, Any], narrowed: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The JSON Schema of a type; TypedDicts go to `definitions` by name.  `narrowed` replaces fields."""
    if kind is Any:
        return {}
    if kind in PLAIN:
        return PLAIN[kind][1]
    origin, inner = get_origin(kind), get_args(kind)
    if is_typeddict(kind):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}
            definitions[kind.__name__] = _schema_of_fields(kind, definitions, narrowed or {})
        return {"$ref": f"#/$defs/{kind.__name__}"}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(one, definitions) for one in inner]}
    if origin is dict:
        values = schema_of(inner[1], definitions)
        return {"type": "object", "maxProperties": MOST_ENTRIES, "additionalProperties": values or True}
    if origin is tuple:
        items = [schema_of(one, definitions) for one in inner]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    return {"type": "array", "maxItems": MOST_ENTRIES, "items": schema_of(inner[0], definitions)}


def _schema_of_fields(kind: type, definitions: dict[str, Any], narrowed: Mapping[str, Any]) -> dict[str, Any]:
    fields = fields_of(kind)
    return {
        "description": " ".join((kind.__doc__ or "").split()),
        "type": "object",
        "required": [name for name, (_, is_needed) in fields.items() if is_needed],
        "additionalProperties": False,
        "properties": {
            name: narrowed.get(name) or schema_of(inner, definitions) for name, (inner, _) in fields.items()
        },
    }
