"""How a subject is named that no file declares: MODULE:EXPRESSION for an exporter, and for a consumer the
word `consumer`, what is declared of it, and MODULE:EXPRESSION.

    numpy:arange(12)[::-1]          consumer zlib:compress          consumer fills none mypackage:read_into

The name is all that records, replays and workers need.  Pure text: nothing is imported or evaluated here.
"""

from __future__ import annotations

import re

from attrs import frozen

from bufspec.declare import CONSUMER, EXPORTER, KINDS, READS, RETURNS
from bufspec.errors import ExpressionError

FALLBACK = "fallback"
READONLY = "readonly"
EXPECT = "expect="
"""Before the elements that an exporter has, in C order, as hexadecimal digits."""
EXPECTED = re.compile(rf"{EXPECT}(?:[0-9a-f]{{2}})*")


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
    expect = [word for word in words if target == EXPORTER and EXPECTED.fullmatch(word)]
    strays = [word for word in words[target == CONSUMER :] if word not in known and word not in expect]
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
        bytes.fromhex(expect[0].removeprefix(EXPECT)) if expect else None,
    )


def exporter_name(text: str, *, readonly: bool = False, expect: bytes | None = None) -> str:
    """The name of the exporter that MODULE:EXPRESSION gives; what is declared of it stands before it."""
    words = [READONLY if readonly else "", "" if expect is None else f"{EXPECT}{expect.hex()}", text]
    return " ".join(word for word in words if word)


def consumer_name(text: str, kind: str = READS, returns: str = "", *, fallback: bool = False) -> str:
    """The name of the consumer that MODULE:EXPRESSION gives; what is not the default stands before it."""
    words = [CONSUMER, "" if kind == READS else kind, returns, FALLBACK if fallback else "", text]
    return " ".join(word for word in words if word)
