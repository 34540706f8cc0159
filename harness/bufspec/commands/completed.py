"""What can follow where a shell asks for the name of a subject, a package of the zoo, or a rule?

Names of subjects are read from the subject files of the package that is typed; until there is one, packages
are offered.
A file that cannot be read offers nothing: nobody wants to be told in the middle of a line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class Named(click.types.StringParamType):
    """A text of which a shell may ask how it goes on."""

    def __init__(self, names: Callable[[str], Iterable[str]]) -> None:
        self._names = names

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The names that begin as what is typed."""
        from click.shell_completion import CompletionItem

        found: list[str] = []
        with suppress(Exception):
            found = sorted({one for one in self._names(incomplete) if one.startswith(incomplete)})
        return [CompletionItem(one) for one in found]


def _subjects(typed: str) -> Iterable[str]:
    from bufspec.worker.registry import load_group, shown_group_names

    package, dot, _ = typed.partition(".")
    names = shown_group_names()
    return load_group(package).subjects if dot and package in names else [f"{one}.*" for one in names]


def _zoo_packages(typed: str) -> Iterable[str]:
    from bufspec.zoo.packages import every_package

    return {name for one in every_package() for name in (one.module, one.group)}


def _rules(typed: str) -> Iterable[str]:
    from bufspec.tables.texts import rule_texts

    return list(rule_texts()["rules"])


SUBJECT = Named(_subjects)
ZOO_PACKAGE = Named(_zoo_packages)
RULE = Named(_rules)
