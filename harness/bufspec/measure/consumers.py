"""What it costs to judge a consumer: `bytes()` on every named layout, compared with `bytes()` of plain bytes,
and with memory that is withdrawn at each release compared with the bare system calls that this takes.
"""

from __future__ import annotations

from attrs import frozen

from bufspec import _engine

ROUNDS = 2_000


@frozen
class ConsumerCost:
    """Nanoseconds a call, over the named layouts."""

    layouts: int
    plain_ns: float
    """Of `bytes()` on plain bytes of the same size."""
    judged_ns: float
    withdrawn_ns: float
    """Judged, each view with pages of its own that are inaccessible when it was released."""
    system_ns: float
    """Of the system calls alone that withdraw them."""

    @property
    def ratio(self) -> float:
        """How many times as long a judged call takes, without protection of pages."""
        return self.judged_ns / self.plain_ns

    @property
    def system_ratio(self) -> float:
        """How many times as long a judged call takes as the system calls that it needs."""
        return self.withdrawn_ns / self.system_ns


def consumer_cost(rounds: int = ROUNDS) -> ConsumerCost:
    """Measure in this process, whose engine has the tables; takes about two seconds."""
    plain = _engine.bench_consumer(bytes, rounds)
    withdrawn = _engine.bench_consumer(bytes, max(1, rounds // 4), withdrawn=True)
    return ConsumerCost(
        plain["layouts"],
        plain["plain_ns"],
        plain["judged_ns"],
        withdrawn["judged_ns"],
        withdrawn["system_ns"],
    )
