"""Which files of subjects are shared libraries?  The name alone says it, as it does of those in Python."""

from __future__ import annotations

from pathlib import Path

SUFFIX = ".so"


def is_library(path: str) -> bool:
    """Whether a file is meant as a shared library: libmine.so, libmine.so.1."""
    return SUFFIX in Path(path).suffixes


def option_for(file: str) -> str:
    """The option that names a file of subjects; both options mean the same."""
    return "--native" if is_library(file) else "--subjects"
