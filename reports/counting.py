"""How are numbers of things and lists of names put into words?"""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(names: list[str], limit: int = 4) -> str:
    """The first names, and how many more."""
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")
