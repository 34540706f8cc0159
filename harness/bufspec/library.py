"""Which files of subjects are shared libraries, and what is a subject of one?

The name alone says which file is one, as it does of those in Python.
"""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

SUFFIX = ".so"


def is_library(path: str) -> bool:
    """Whether a file is meant as a shared library: libmine.so, libmine.so.1."""
    return SUFFIX in Path(path).suffixes


def option_for(file: str) -> str:
    """The option that names a file of subjects; both options mean the same."""
    return "--native" if is_library(file) else "--subjects"


@frozen
class Native:
    """A subject of a shared library, which only the engine calls: the path, and the name in its table."""

    path: str
    name: str

    def __call__(self, *given: object) -> object:
        raise NotImplementedError(f"{self.name} is called through its library, not from Python")


def named(native: Native) -> tuple[str, str]:
    """How the engine names the subject."""
    return native.path, native.name
