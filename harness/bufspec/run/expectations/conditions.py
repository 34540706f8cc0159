"""Do the conditions of an entry hold where subjects are judged: versions, platform, implementation, a debug
build?
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from typing import Any

from bufspec.interpreters.judged import judged

NO_PEERS: Mapping[str, str] = {}


class NotARange(ValueError):
    """A text that is not a range of versions."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name
        self.text = text


def hold_here(row: Mapping[str, Any], peers: Mapping[str, str] = NO_PEERS) -> bool:
    """Whether all conditions of an entry hold; raises NotARange, whichever of them holds.

    `peers` are the implementations that run subjects in other processes, each with its version.
    """
    versions = [_has_version(name, text, peers) for name, text in row.get("versions", {}).items()]
    return (
        all(versions)
        and _is_platform(row.get("platform"))
        and row.get("implementation") in (None, judged().facts.implementation, *peers)
        and row.get("debug") in (None, is_debug_build())
    )


def is_debug_build() -> bool:
    """Whether that interpreter was built with --with-pydebug."""
    return judged().facts.debug


def platform_names() -> tuple[str, str]:
    """What this platform is called: `linux`, and with its machine, `linux-x86_64`."""
    return judged().facts.system, judged().facts.system_platform


def _is_platform(glob: str | None) -> bool:
    return glob is None or any(fnmatch.fnmatchcase(name, glob) for name in platform_names())


def _has_version(name: str, text: str, peers: Mapping[str, str]) -> bool:
    """Whether `name`, an interpreter or a package, is here in a version that `text` allows."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    try:
        wanted = SpecifierSet(text, prereleases=True)
    except InvalidSpecifier as error:
        raise NotARange(name, text) from error
    facts = judged().facts
    if name in peers:
        version: str | None = peers[name]
    else:
        version = facts.version if name == facts.implementation else facts.version_of(name)
    try:
        return version is not None and wanted.contains(version)
    except InvalidVersion:  # of a peer, which may call its version anything
        return False
