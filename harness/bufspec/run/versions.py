"""Which versions of bufspec, the interpreter and the packages of the subjects are judged with?"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bufspec import __version__
from bufspec.interpreters.judged import judged
from bufspec.wire.expression import expression_from_name


def versions_of(subjects: Sequence[str]) -> dict[str, str]:
    """Versions of bufspec, the interpreter, and the packages that subjects of these names come from."""
    facts = judged().facts
    versions = {"bufspec": __version__, facts.implementation: facts.version}
    for package in dict.fromkeys(map(_package, subjects)):
        if package in sys.stdlib_module_names or package in ("stdlib", "runtime"):
            continue
        if (version := facts.version_of(package)) is not None:
            versions[package] = version
    return versions


def _package(name: str) -> str:
    module = expression_from_name(name).module if ":" in name else name
    return module.partition(".")[0]
