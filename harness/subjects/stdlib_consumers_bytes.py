"""Consumers of the standard library that look into bytes: methods of bytes and bytearray, re, text."""

import importlib.util
import re
from collections.abc import Callable
from itertools import islice
from typing import Any

from bufspec.declare import BYTES_LIKE, consumer

TEXT = bytes(range(20)) * 2
"""What holds many of the bytes that layouts have."""
FEW = re.compile(rb"[\x00-\x07]+")

# Methods of bytes and bytearray that take bytes, and give what both kinds agree on.
METHODS: dict[str, Callable[[Any, Any], object]] = {
    "add": lambda text, given: text + given,
    "contains": lambda text, given: given in text,
    "find": lambda text, given: text.find(given),
    "rfind": lambda text, given: text.rfind(given),
    "index": lambda text, given: text.index(given),
    "rindex": lambda text, given: text.rindex(given),
    "count": lambda text, given: text.count(given),
    "startswith": lambda text, given: text.startswith(given),
    "endswith": lambda text, given: text.endswith(given),
    "startswith_any": lambda text, given: text.startswith((b"no", given)),
    "split": lambda text, given: text.split(given),
    "rsplit": lambda text, given: text.rsplit(given, 1),
    "partition": lambda text, given: text.partition(given)[::2],  # between them is what was given
    "rpartition": lambda text, given: text.rpartition(given)[::2],
    "replace": lambda text, given: text.replace(given, b"-"),
    "replace_by": lambda text, given: text.replace(b"\x03", given),
    "strip": lambda text, given: text.strip(given),
    "lstrip": lambda text, given: text.lstrip(given),
    "rstrip": lambda text, given: text.rstrip(given),
    "removeprefix": lambda text, given: text.removeprefix(given),
    "removesuffix": lambda text, given: text.removesuffix(given),
    "translate_delete": lambda text, given: text.translate(None, given),
    "translate_table": lambda text, given: text.translate(given),
    "maketrans": lambda text, given: text.maketrans(given, given),
    "join": lambda text, given: text[:2].join([b"first", given, given]),
    "join_one": lambda text, given: text[:2].join((given,)),
    "join_ten": lambda text, given: text[:1].join([given] * 10),
    "percent_b": lambda text, given: (text[:3] + b"%b|%b") % (given, given),
    "percent_s": lambda text, given: (text[:3] + b"%s") % (given,),
}
FITS = {"translate_table": {"nbytes": 256}}
"""What they take, where they take nothing else."""
TOTAL = ("add", "join", "join_one", "join_ten", "percent_b", "replace", "strip", "count")
"""Those that no bytes make fail."""

for _name, _method in METHODS.items():
    for _kind in (bytes, bytearray):

        @consumer(
            f"stdlib.{_kind.__name__}_{_name}",
            accepts=BYTES_LIKE if _name in TOTAL else (),
            fits=FITS.get(_name),
        )
        def _of_method(exported: Any, kind: Any = _kind, method: Any = _method) -> object:
            return method(kind(TEXT), exported)


def _changed(change: Callable[[bytearray, Any], object]) -> Callable[[Any], object]:
    def consume(exported: Any) -> object:
        text = bytearray(b"some text")
        change(text, exported)
        return text

    return consume


# What changes a bytearray in place.
CHANGES: dict[str, Callable[[Any, Any], object]] = {
    "extend": lambda text, given: text.extend(given),
    "iadd": lambda text, given: text.__iadd__(given),
    "assign_all": lambda text, given: text.__setitem__(slice(None), given),
    "assign_slice": lambda text, given: text.__setitem__(slice(1, 3), given),
    "assign_step": lambda text, given: text.__setitem__(slice(0, 6, 2), given),
    "init": lambda text, given: text.__init__(given),
}

for _name, _change in CHANGES.items():
    accepts = () if _name == "assign_step" else BYTES_LIKE
    consumer(f"stdlib.bytearray_{_name}", accepts=accepts)(_changed(_change))


# Who refuses is unequal, so that the answer says nothing of the elements.
@consumer("stdlib.bytearray_equals", returns="none", fallback=True)
def _bytearray_equals(exported: Any) -> object:
    return bytearray(TEXT) == exported


@consumer("stdlib.bytearray_less")
def _bytearray_less(exported: Any) -> object:
    return bytearray(TEXT) < exported


# What is looked for with a regular expression.
SEARCHES: dict[str, Callable[[Any], object]] = {
    "search": lambda given: [one.span() for one in [FEW.search(given)] if one],
    "search_group": lambda given: [one.group() for one in [FEW.search(given)] if one],
    "match": lambda given: [one.span() for one in [FEW.match(given)] if one],
    "fullmatch": lambda given: FEW.fullmatch(given) is None,
    "findall": lambda given: FEW.findall(given),
    "finditer": lambda given: [one[0] for one in islice(FEW.finditer(given), 3)],
    "split": lambda given: FEW.split(given),
    "sub": lambda given: FEW.sub(b"-", given),
    "subn": lambda given: FEW.subn(b"-", given),
    "sub_with": lambda given: FEW.sub(lambda match: b"<" + match[0] + b">", given, 3),
    "scanner": lambda given: FEW.scanner(given).search() is None,  # type: ignore[attr-defined]
}

for _name, _search in SEARCHES.items():
    consumer(f"stdlib.re_{_name}")(_search)


# A match keeps the object, and asks it for its memory again.
@consumer("stdlib.re_match_kept", returns="none")
def _re_match_kept(exported: Any) -> object:
    return re.match(b"", exported)


consumer("stdlib.str_latin_1", accepts=BYTES_LIKE)(lambda exported: str(exported, "latin-1"))
consumer("stdlib.str_utf_8")(lambda exported: str(exported, "utf-8"))
consumer("stdlib.str_utf_8_replace")(lambda exported: str(exported, "utf-8", "replace"))
consumer("stdlib.compile")(lambda exported: compile(exported, "given", "exec").co_code)
consumer("stdlib.source_hash", accepts=BYTES_LIKE)(importlib.util.source_hash)
