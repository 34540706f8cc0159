"""What stands in a declaration for a subject that is in another process?"""

from __future__ import annotations

from attrs import frozen

from bufspec.errors import DeclarationError


@frozen
class Elsewhere:
    """What stands for a subject that is in another process."""

    name: str

    def __call__(self, *arguments: object) -> object:
        raise DeclarationError(
            f"{self.name} is in another process, and only `bufspec check` and `bufspec replay` reach it",
            where=self.name,
        )
