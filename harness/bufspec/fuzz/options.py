"""What is a campaign asked to do?"""

from __future__ import annotations

from attrs import frozen

from bufspec.errors import SelectionError
from bufspec.wire.profile import DEFAULT_SEED
from bufspec.words import CURRENT


@frozen
class FuzzOptions:
    """`runs` scenarios of each subject, or `seconds` for all of them together; what comes first ends it."""

    patterns: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    expectations: tuple[str, ...] = ()
    expects_known: bool = True
    runs: int = 0
    seconds: float = 0.0
    jobs: int = 1
    seed: int = DEFAULT_SEED
    shard: tuple[int, int] = (1, 1)
    edition: str = CURRENT
    bound: str = "short"
    guided: bool = True
    minimises: bool = True
    timeout: float = 10.0
    corpus: str = ""
    memory_limit: int = 0

    @property
    def streams(self) -> list[int]:
        """The streams of scenarios that are this shard's: one for each job, each its own."""
        part, of = self.shard
        return [part - 1 + of * job for job in range(self.jobs)]

    def runs_of(self, stream: int) -> int:
        """How many scenarios of each subject are that stream's."""
        if not self.runs:
            return 2**62
        every = self.shard[1] * self.jobs
        return self.runs // every + (stream < self.runs % every)

    @property
    def identity(self) -> dict[str, object]:
        """What must be the same where a campaign is continued; it may be given more time, or more runs."""
        return {
            "subjects": [*self.patterns, *self.expressions],
            "files": list(self.files),
            "seed": self.seed,
            "shard": list(self.shard),
            "jobs": self.jobs,
            "edition": self.edition,
            "bound": self.bound,
            "guided": self.guided,
        }


UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds_from(text: str) -> float:
    """The seconds that "90", "90s", "10m", "1.5h" or "2d" says; raises SelectionError for other texts."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in UNITS else (text, "s")
    try:
        seconds = float(number) * UNITS[unit]
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 1e8:
        raise SelectionError(f"{text!r:.40} is no time", where="--time", hint="such as 90s, 10m, 1.5h or 2d")
    return seconds


def shard_from(text: str) -> tuple[int, int]:
    """The part and the number of parts that "2/5" says; raises SelectionError for other texts."""
    part, _, of = text.partition("/")
    if part.isdecimal() and of.isdecimal() and len(text) < 16 and 1 <= int(part) <= int(of):
        return int(part), int(of)
    raise SelectionError(f"{text!r:.40} is no part", where="--shard", hint="2/5 is the second of five")
