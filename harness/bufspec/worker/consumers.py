"""What is declared of a consumer as the engine takes it, and what is to be known of it beyond its cases.

Which memory it accepted, what it said to the rest, whether two calls agreed, what its result was taken for.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bufspec import _engine
from bufspec.declare import READS, Subject
from bufspec.fits import fitted_memories
from bufspec.library import Native, named
from bufspec.wire.profile import Profile
from bufspec.wire.text import without_addresses
from bufspec.worker.inferred import inferred_returns

PLAINLY = ("consumer.reads_", "consumer.format_")
"""How the ids of the cases begin that hand over one memory each, and do nothing else."""
DIFFERS = (
    "two calls with the same plain memory gave different results: build the object inside the consumer, or"
    " return what == can compare"
)


def memories_of(subject: Subject) -> str:
    """The memories that fit a consumer, as Profile.memories."""
    return "" if subject.fits is None else json.dumps(fitted_memories(subject.fits, _engine.format_size))


def consumer_keywords(subject: Subject) -> dict[str, Any]:
    """What is declared of a consumer; what is not, the engine takes for granted."""
    declared = {
        "kind": subject.kind,
        "returns": subject.returns or inferred_returns(subject),
        "accepts": subject.accepts,
        "fallback": subject.fallback,
        "also": {
            "order": subject.order,
            "refuses": subject.refuses,
            "reentrant": subject.reentrant,
            "threads": subject.threads,
        },
    }
    return {key: value for key, value in declared.items() if value not in (READS, "", (), False)}


def facts_of_consumer(
    subject: Subject, request: Mapping[str, Any], ledger: _engine.Ledger, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """The facts of a run, for the driver.

    - `memories`: for "all", and for each capability, how many memories were given and how many accepted.
    - `raised`: for each type of exception how often it was raised and what it said first.
    - `plain`: the exception that plain bytes met, or "".
    - `differs`: why results cannot be compared, or "".
    - `inferred`: what the result was found to be, where nobody declared it, or "".

    Where a choice of cases had none accepted, one memory of each kind is handed over, whatever was chosen.
    """
    memories = ledger.snapshot()["memories"]
    if not memories["all"][1] and not facts["differs"]:
        memories, facts = _probed(subject, request)
    return {
        "memories": {name: list(numbers) for name, numbers in memories.items()},
        "raised": {
            name: [times, without_addresses(first)] for name, (times, first) in facts["raised"].items()
        },
        "plain": without_addresses(facts["plain"]),
        "differs": DIFFERS if facts["differs"] else "",
        "inferred": facts["inferred"] or _inferred(subject),
    }


def _inferred(subject: Subject) -> str:
    return "" if isinstance(subject.what, Native) else inferred_returns(subject)


def _probed(subject: Subject, request: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What one memory of each kind comes to; nothing is judged."""
    cases = Profile(memories=request["memories"]).cases(
        subject.target, request["edition"], request["seed"], request["bound"]
    )
    plain = [index for index in range(len(cases)) if cases[index].startswith(PLAINLY)]
    with tempfile.TemporaryDirectory() as folder:
        ledger = _engine.Ledger(str(Path(folder) / "probe.ledger"), True)
        chosen: dict[str, Any] = {
            "cases": cases,
            "rules": (),
            "ranges": [(index, index + 1) for index in plain],
        }
        if isinstance(subject.what, Native):
            facts = _engine.run_native(named(subject.what), ledger, lambda failure: None, **chosen) or {}
        else:
            facts = _engine.run_consumer(
                subject.what,  # type: ignore[arg-type]
                ledger,
                lambda failure: None,
                **chosen,
                **consumer_keywords(subject),
            )
        return ledger.snapshot()["memories"], facts
