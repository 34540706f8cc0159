"""How a subject is named that no file declares: MODULE:EXPRESSION for an exporter, and for a consumer the
word `consumer`, what is declared of it, and MODULE:EXPRESSION.

    numpy:arange(12)[::-1]          consumer zlib:compress          consumer fills none mypackage:read_into
    readonly expect=616263 mypackage:TEXT           consumer fits=shape=24,format=f mypackage:set_table

The name is all that records, replays and workers need.  Pure text: nothing is imported or evaluated here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from attrs import field, frozen

from bufspec.declare import CONSUMER, EXPORTER, KINDS, ORDERS, READS, RETURNS
from bufspec.errors import ExpressionError

FALLBACK = "fallback"
READONLY = "readonly"
EXPECT = "expect="
"""Before the elements that an exporter has, in C order, as hexadecimal digits."""
EXPECT_OF = "expect_of="
"""Before the Python text that gives them, where they are too many to be spelled."""
MOST_SPELLED = 4096
ORDER = "order="
FITS = "fits="
"""Before the only memory that fits a consumer: its keys with their values, extents with an x between them."""
FITTING: dict[str, tuple[Callable[[Any], str], Callable[[str], object]]] = {
    "nbytes": (str, int),
    "shape": (
        lambda shape: "x".join(map(str, shape)),
        lambda text: tuple(int(one) for one in text.split("x") if one),
    ),
    "format": (lambda format: quote(format, safe=""), unquote),
    "align": (str, int),
}
"""The keys, how their values are spelled, and how they are read."""
VALUES = {
    EXPORTER: (
        re.compile(rf"{EXPECT}(?:[0-9a-f]{{2}})*"),
        re.compile(rf"{EXPECT_OF}\S+"),
    ),
    CONSUMER: (
        re.compile(rf"{FITS}(?:nbytes=\d+|shape=[\dx]*|format=[^,\s]+|align=\d+)(?:,[a-z]+=[^,\s]*)*"),
        re.compile(rf"{ORDER}(?:{'|'.join(ORDERS[1:])})"),
    ),
}
"""The words that carry a value, of each target."""


@frozen
class Expression:
    """What a name spells: whose module, what is evaluated in it, and what that is judged as."""

    name: str
    module: str
    code: str
    target: str = EXPORTER
    kind: str = READS
    returns: str = ""
    fallback: bool = False
    readonly: bool = False
    expect: bytes | None = None
    expect_of: str = ""
    order: str = ""
    fits: Mapping[str, Any] | None = field(default=None, hash=False)

    @property
    def where(self) -> str:
        """The option of the command line that it comes from."""
        return f"--{self.target} {self.module}:{self.code}"


def expression_from_name(name: str) -> Expression:
    """What `name` spells; raises ExpressionError, with an example as hint, if it is none."""
    before, colon, code = name.partition(":")
    *words, module = before.split() or [""]
    target = CONSUMER if words[:1] == [CONSUMER] else EXPORTER
    example = "zlib:compress" if target == CONSUMER else "\"array:array('i', [1, 2])\""
    if not colon or not module:
        text = " ".join(name.split()[1:]) if target == CONSUMER else name
        raise ExpressionError(
            f"{text!r} is not MODULE:EXPRESSION",
            where=f"--{target} {text}",
            hint=f"for example --{target} {example}",
        )
    known = dict.fromkeys(KINDS, "kind") | dict.fromkeys(RETURNS[1:], "returns") | {FALLBACK: FALLBACK}
    given = {known.get(word, ""): word for word in words[1:]}
    if target == EXPORTER:
        known = {READONLY: READONLY}
    own = words[target == CONSUMER :]
    values = [word for word in own if any(one.fullmatch(word) for one in VALUES[target])]
    strays = [word for word in own if word not in known and word not in values]
    if strays:
        raise ExpressionError(
            f"{strays[0]!r} says nothing of a subject",
            where=name,
            hint="bufspec check --help lists the options",
        )
    return Expression(
        name,
        module,
        code.strip(),
        target,
        given.get("kind", READS),
        given.get("returns", ""),
        FALLBACK in given,
        target == EXPORTER and READONLY in words,
        None if (spelled := _value(values, EXPECT)) is None else bytes.fromhex(spelled),
        unquote(_value(values, EXPECT_OF) or ""),
        _value(values, ORDER) or "",
        None if (fitting := _value(values, FITS)) is None else _fits_from(fitting, name),
    )


def _value(words: list[str], key: str) -> str | None:
    return next((word.removeprefix(key) for word in words if word.startswith(key)), None)


def _fits_from(text: str, name: str) -> dict[str, Any]:
    fits: dict[str, Any] = {}
    for pair in text.split(","):
        key, _, value = pair.partition("=")
        try:
            fits[key] = FITTING[key][1](value)
        except (KeyError, ValueError):
            raise ExpressionError(
                f"{pair!r} says nothing of a memory",
                where=name,
                hint="bufspec check --help lists the options",
            ) from None
    return fits


def exporter_name(
    text: str, *, readonly: bool = False, expect: bytes | None = None, expect_of: str = ""
) -> str:
    """The name of the exporter that MODULE:EXPRESSION gives; what is declared of it stands before it.

    `expect_of` is the Python text that gives `expect`: many elements are not spelled but evaluated where
    they are needed.
    """
    words = [READONLY if readonly else ""]
    if expect is not None and len(expect) > MOST_SPELLED and expect_of:
        words.append(f"{EXPECT_OF}{quote(expect_of, safe='()[]*+-,')}")
    elif expect is not None:
        words.append(f"{EXPECT}{expect.hex()}")
    return " ".join(word for word in (*words, text) if word)


def consumer_name(
    text: str,
    kind: str = READS,
    returns: str = "",
    *,
    fallback: bool = False,
    order: str = "",
    fits: Mapping[str, Any] | None = None,
) -> str:
    """The name of the consumer that MODULE:EXPRESSION gives; what is not the default stands before it."""
    given = fits or {}
    memory = ",".join(f"{key}={spell(given[key])}" for key, (spell, _) in FITTING.items() if key in given)
    words = [
        CONSUMER,
        "" if kind == READS else kind,
        returns,
        FALLBACK if fallback else "",
        f"{ORDER}{order}" if order else "",
        f"{FITS}{memory}" if memory else "",
        text,
    ]
    return " ".join(word for word in words if word)
