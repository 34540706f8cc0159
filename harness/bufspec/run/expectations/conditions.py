"""Do the conditions of an entry hold here: versions, platform, implementation, a debug build?"""

from __future__ import annotations

import fnmatch
import platform
import sys
import sysconfig
from collections.abc import Mapping
from importlib import metadata
from typing import Any

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
    runtimes = {platform.python_implementation(): platform.python_version(), **peers}
    versions = [_has_version(name, text, runtimes) for name, text in row.get("versions", {}).items()]
    return (
        all(versions)
        and _is_platform(row.get("platform"))
        and row.get("implementation") in (None, *runtimes)
        and row.get("debug") in (None, is_debug_build())
    )


def is_debug_build() -> bool:
    """Whether this interpreter was built with --with-pydebug."""
    return hasattr(sys, "gettotalrefcount")


def platform_names() -> tuple[str, str]:
    """What this platform is called: `linux`, and with its machine, `linux-x86_64`."""
    return sys.platform, sysconfig.get_platform()


def _is_platform(glob: str | None) -> bool:
    return glob is None or any(fnmatch.fnmatchcase(name, glob) for name in platform_names())


def _has_version(name: str, text: str, runtimes: Mapping[str, str]) -> bool:
    """Whether `name`, an interpreter or a package, is here in a version that `text` allows."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    try:
        wanted = SpecifierSet(text, prereleases=True)
    except InvalidSpecifier as error:
        raise NotARange(name, text) from error
    if name in runtimes:
        try:
            return wanted.contains(runtimes[name])
        except InvalidVersion:  # of a peer, which may call its version anything
            return False
    try:
        return wanted.contains(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False
