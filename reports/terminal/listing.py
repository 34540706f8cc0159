"""What a run would do: for each target its subjects, rules and cases, as a value and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bufspec.reports.counting import counted
from bufspec.visible import visible
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from bufspec.run.plan import Plan
    from bufspec.run.selection import ListedGroup

Listing = dict[str, Any]


def listing_from_plan(plan: Plan) -> Listing:
    """The listing of a plan, for `--list --format json`."""
    return {
        "edition": plan.options.edition,
        "seed": plan.options.seed,
        "targets": {
            target: {
                "subjects": [one.name for one in plan.subjects if one.target == target],
                "rules": [rule.id for rule in plan.rules(target)],
                "cases": plan.chosen(target),
            }
            for target in plan.targets
        },
    }


def print_listing(console: Console, listing: Listing) -> None:
    """Print a listing, one id a line with its kind before it, so that grep finds them."""
    for target, planned in listing["targets"].items():
        sizes = [counted(len(planned[key]), key[:-1]) for key in ("subjects", "rules", "cases")]
        console.print(Text(f"{target}: {', '.join(sizes)}", style="bold"))
        for kind in ("subjects", "rules", "cases"):
            for name in planned[kind]:
                console.print(Text(f"  {kind[:-1]:8} {name}"), soft_wrap=True)


def subjects_as_json(groups: list[ListedGroup]) -> Listing:
    """What can be judged here, for `subjects --format json`."""
    return {
        "subjects": [
            {
                "name": one.name,
                "target": one.target,
                "available": not one.unavailable,
                **({"reason": one.unavailable} if one.unavailable else {}),
            }
            for group in groups
            for one in group.subjects
        ],
        "files": [
            {
                "name": group.name,
                "available": not group.unavailable,
                **({"reason": group.unavailable} if group.unavailable else {}),
            }
            for group in groups
        ],
    }


def print_subjects(console: Console, groups: list[ListedGroup]) -> None:
    """Print each subject with its target, and below them why the rest cannot be judged."""
    for group in groups:
        available = [one for one in group.subjects if not one.unavailable]
        name = group.name if group.is_own else f"{group.name}.*"
        size = "" if group.unavailable else f"  {counted(len(available), 'subject')}"
        console.print(Text(name + size, style="bold"), soft_wrap=True)
        for one in available:
            console.print(Text(f"  {one.name:32} {one.target}"), soft_wrap=True)
        for one in group.subjects:
            if one.unavailable:
                console.print(
                    Text(f"  {one.name:32} not here: {visible(one.unavailable)}", style="yellow"),
                    soft_wrap=True,
                )
        if group.unavailable:
            console.print(Text(f"  not here: {visible(group.unavailable)}", style="yellow"), soft_wrap=True)
