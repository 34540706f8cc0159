"""Which versions of bufspec, the interpreter and the packages of the subjects are here?"""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from importlib import metadata

from bufspec import __version__
from bufspec.wire.expression import expression_from_name


def versions_of(subjects: Sequence[str]) -> dict[str, str]:
    """Versions of bufspec, the interpreter, and the packages that subjects of these names come from."""
    versions = {"bufspec": __version__, platform.python_implementation(): platform.python_version()}
    for package in dict.fromkeys(map(_package, subjects)):
        if package in sys.stdlib_module_names or package in ("stdlib", "runtime"):
            continue
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _package(name: str) -> str:
    module = expression_from_name(name).module if ":" in name else name
    return module.partition(".")[0]
