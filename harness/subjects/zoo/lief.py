"""LIEF: the content of sections and segments, through nanobind.  Tried with 1.0."""

import sys

import lief
from bufspec.declare import exporter

_parsed: list[object] = []


def _binary() -> object:
    if not _parsed:
        _parsed.append(lief.parse(sys.executable))
    return _parsed[0]


def _section() -> object:
    return next(one for one in _binary().sections if one.name == ".interp").content  # type: ignore[attr-defined]


exporter("lief.section_content", readonly=True)(_section)
