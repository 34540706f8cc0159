"""Which cases a command means: globs against the ids of cases."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable

from bufspec.errors import SelectionError, near_names
from bufspec.wire.profile import Profile
from bufspec.wire.ranges import area_of


def areas_of_some(target: str, edition: str, seed: int, bound: str) -> set[str]:
    """The areas with cases that only some subjects of that target have, by what their objects can do."""
    common = set(Profile().cases(target, edition, seed, bound))
    special = Profile(operations=("append",), builds=True).cases(target, edition, seed, bound)
    return {area_of(id_) for id_ in set(special) - common}


def refuse_unknown(
    patterns: Iterable[str],
    targets: Iterable[str],
    edition: str,
    seed: int,
    bound: str,
    profiles: Iterable[Profile] = (),
) -> None:
    """Raise SelectionError for a glob that can match no case of a subject of any of these targets.

    In an area that only some subjects have, such as those that build objects, any glob is let through.
    """
    patterns = list(patterns)
    if not patterns:
        return
    known: set[str] = set()
    areas: set[str] = set()
    for target in targets:
        areas |= areas_of_some(target, edition, seed, bound)
        for profile in {Profile(), *profiles}:
            known |= set(profile.cases(target, edition, seed, bound))
    for pattern in patterns:
        if area_of(pattern) not in areas and not fnmatch.filter(known, pattern):
            raise SelectionError(
                f"no case matches {pattern!r}",
                where=f"--case {pattern}",
                hint=near_names(
                    pattern,
                    sorted({f"{area_of(id_)}.*" for id_ in known} | {f"{area}.*" for area in areas}),
                    otherwise="bufspec check --list lists the cases",
                ),
            )
