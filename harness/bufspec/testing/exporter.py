"""Exporter: the exporter that consumers are judged with, for tests of one's own.

    exporter = bufspec.Exporter("reversed_1d", behaviour=("ends_at_page", "poisoned", "fresh_block"))
    assert my_consumer(exporter) == exporter.elements
    assert exporter.held == 0

It keeps every rule of the buffer protocol, does what the protocol allows and few exporters do, and writes
down what it was asked.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from bufspec import _engine
from bufspec.declare import Layout
from bufspec.errors import BufspecError
from bufspec.tables.layouts import named_layouts, row_from_layout

CALLER_BEHAVIOURS = ("reenters_consumer", "other_thread")
"""What is done with the consumer, not by its exporter: of no use to who calls the consumer himself."""


class ExporterError(BufspecError, ValueError):
    """An Exporter was asked for that there cannot be."""


@attrs.frozen
class Asked:
    """A request, and what became of the view that it was granted."""

    flags: int
    request: str
    """The flags by name: "STRIDES|WRITABLE"."""
    granted: bool
    released: int
    """How often: 1 is right for one that was granted, 0 for one that was refused or is held."""
    changed: tuple[str, ...]
    """Fields of the struct, or arrays that they point to, that the consumer changed before the release."""
    thread: int
    """As threading.get_ident() names it."""


class Exporter(_engine.InstrumentedExporter):
    """An exporter of any layout, with any legal behaviour, that logs each request.

    `layout` is the name of a row of spec/layouts.yaml ("c_2d_int"), a mapping with the keys of such a row
    (`{"format": "<i", "itemsize": 4, "shape": [2, 3], "strides": [-12, 4], "offset": 12}`; sizes in bytes)
    or a bufspec.declare.Layout.  Element k in C order holds the eight little-endian bytes of k, cut off or
    repeated to the itemsize; where elements share memory the lower k stays.

    `behaviour` is a name of `bufspec.Exporter.behaviours()`, or several: "ends_at_page" makes one byte too
    far a crash, "fresh_block" with "poisoned" or "withdrawn" shows who reads memory after its release,
    "redirected" and "self_referential" show who assumes too much.  Those that begin with `lie_`
    break the protocol.  `refuse` are numbers of requests, from 0 to 7, that are refused with BufferError.

    Raises ExporterError (a ValueError) for what there cannot be, with a hint.  Costs some microseconds and,
    where memory lies at a page, a page; pages are used again when the exporter and its views are gone.
    """

    __slots__ = ()

    def __new__(
        cls,
        layout: str | Mapping[str, Any] | Layout = "bytes_one_dim",
        *,
        behaviour: str | Sequence[str] = (),
        refuse: Sequence[int] = (),
    ) -> Exporter:
        names = (behaviour,) if isinstance(behaviour, str) else tuple(behaviour)
        for name in names:
            if name not in cls.behaviours():
                raise ExporterError(
                    f"{name!r} is not a behaviour", hint="one of " + ", ".join(cls.behaviours())
                )
        try:
            return super().__new__(cls, _row_of(layout), behaviours=names, refuse=tuple(refuse))
        except BufspecError:
            raise
        except (ValueError, OverflowError, MemoryError) as error:
            raise ExporterError(
                f"no exporter of {layout!r}: {error}", hint="see help(bufspec.Exporter)"
            ) from error

    @staticmethod
    def behaviours() -> tuple[str, ...]:
        """The names of all behaviours."""
        return tuple(name for name in _engine.behaviours() if name not in CALLER_BEHAVIOURS)

    @property
    def log(self) -> list[Asked]:
        """The requests so far, in order.

        Of very many only the latest are kept, and those that came to no good end.
        """
        return [
            Asked(
                one["flags"],
                _engine.flags_name(one["flags"]),
                one["granted"],
                one["releases"],
                tuple(one["changed"]),
                one["thread"],
            )
            for one in self.requests()
        ]

    @property
    def held(self) -> int:
        """How many views were granted and not released yet."""
        return self.views_held()

    @property
    def elements(self) -> bytes:
        """The elements in C order as they were made: what a consumer has to see."""
        return self.elements_before()

    @property
    def memory(self) -> bytes:
        """The elements in C order as they are now: what a consumer that fills them has left."""
        return self.elements_now()

    @property
    def strayed(self) -> bool:
        """Whether bytes were written that belong to no element."""
        return self.changes()[1]


def _row_of(layout: object) -> dict[str, Any]:
    """The layout as the engine reads it: a row of spec/layouts.yaml."""
    if isinstance(layout, str):
        return _named(layout)
    if isinstance(layout, Mapping):
        return dict(layout)
    if isinstance(layout, Layout):
        return row_from_layout(layout)
    raise ExporterError(
        f"{layout!r} is not a layout",
        hint="the name of a row of spec/layouts.yaml, a mapping like one, or a bufspec.declare.Layout",
    )


def _named(name: str) -> dict[str, Any]:
    rows = _rows()
    if name not in rows:
        raise ExporterError(f"no layout is called {name!r}", hint="spec/layouts.yaml has " + ", ".join(rows))
    return rows[name]


@functools.cache
def _rows() -> dict[str, dict[str, Any]]:
    return named_layouts()
