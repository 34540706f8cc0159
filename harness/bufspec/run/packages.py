"""Of which packages are all subjects in a run, so that the run says something of the package as a whole?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen

from bufspec.declaring.subject import EXPORTERS_ONLY
from bufspec.run.selection import Listed, ListedGroup
from bufspec.wire.given import GIVEN


@frozen
class Package:
    """A package: the names of its subjects that can be judged here, and of those that may be elsewhere.

    Those that no interpreter of this implementation judges are in neither.
    """

    name: str
    available: frozenset[str]
    unavailable: tuple[str, ...]

    def is_whole(self, subjects: Iterable[Listed]) -> bool:
        """Whether all that can be judged here is among these subjects."""
        return bool(self.available) and self.available <= {one.name for one in subjects}


def packages_from(groups: Sequence[ListedGroup], every_group: Iterable[str]) -> tuple[Package, ...]:
    """The packages all of whose subjects are known from these groups; `every_group` names those that exist.

    What a test gives is a single subject of its package, and a group that was not listed, or cannot be
    loaded, may have others.
    """
    unknown = {one.name for one in groups if one.unavailable}
    unknown |= set(every_group) - {one.name for one in groups}
    unknown |= {package_of(one.name) for group in groups if group.name == GIVEN for one in group.subjects}
    known: dict[str, list[Listed]] = {}
    for group in groups:
        for one in group.subjects:
            known.setdefault(package_of(one.name), []).append(one)
    return tuple(
        Package(
            name,
            frozenset(one.name for one in subjects if not one.unavailable),
            tuple(one.name for one in subjects if one.unavailable not in ("", EXPORTERS_ONLY)),
        )
        for name, subjects in known.items()
        if name not in unknown
    )


def package_of(subject: str) -> str:
    """The package that the name of a declared subject begins with."""
    return subject.partition(".")[0]
