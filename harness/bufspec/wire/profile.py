"""What has to be known of a subject before its cases are made; a worker finds it out on one object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from bufspec import _engine

DEFAULT_SEED = 3118


@frozen
class Profile:
    """What may be done to the subject's objects, and whether it builds them from layouts."""

    operations: tuple[str, ...] = ()
    builds: bool = False
    volatile: bool = False
    memories: str = ""
    """The only memories that a consumer takes, as JSON; empty if it takes any."""

    @classmethod
    def from_answer(cls, answer: Mapping[str, Any]) -> Profile:
        """The profile that a worker answered with."""
        return cls(tuple(answer["operations"]), answer["builds"], answer["volatile"], answer["memories"])

    def request(self) -> dict[str, Any]:
        """What a worker is asked so that it makes the same cases."""
        return {"operations": list(self.operations), "builds": self.builds, "memories": self.memories}

    def cases(self, target: str, edition: str, seed: int, bound: str) -> _engine.Cases:
        """The cases of such a subject; made lazily, so that asking for them costs little."""
        return _engine.Cases(
            target,
            edition,
            operations=self.operations,
            builds=self.builds,
            seed=seed,
            bound=bound,
            memories=json.loads(self.memories or "[]"),
        )
