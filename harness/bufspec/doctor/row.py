"""What does `bufspec doctor` say of one thing?"""

from __future__ import annotations

import shutil

from attrs import frozen


@frozen
class Row:
    """One thing that bufspec can use: what it is for, what was found here, and how to get it."""

    area: str
    name: str
    used_for: str
    found: str
    """Its version or its place; empty if it is missing."""
    install: str
    """What to do where it is missing."""
    needed: bool = False
    """Whether nothing can be judged without it."""

    def to_json(self) -> dict[str, object]:
        """The row as plain values."""
        return {
            "area": self.area,
            "name": self.name,
            "works": bool(self.found),
            "found": self.found,
            "used_for": self.used_for,
            "install": "" if self.found else self.install,
            "needed": self.needed,
        }


def from_system(debian: str, *, otherwise: str) -> str:
    """How to install a system package: the command of Debian where there is one, else its name in words."""
    return f"apt-get install {debian}" if shutil.which("apt-get") else f"install {otherwise}"
