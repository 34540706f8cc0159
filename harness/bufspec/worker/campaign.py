"""A stretch of a campaign in this process: what is tried is drawn here, what it comes to lies in a state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bufspec import _engine
from bufspec.declare import EXPORTER, Subject
from bufspec.errors import DeclarationError
from bufspec.library import Native, named
from bufspec.wire.messages import Explore
from bufspec.wire.profile import Profile

DRAWN_APART = 0x9E3779B1
"""Between the seeds of one stretch and the next, where scenarios are drawn from lists of cases."""


def explored(
    subject: Subject,
    request: Explore,
    keywords: Mapping[str, Any],
    on_found: Callable[[Mapping[str, Any]], None],
) -> bool:
    """Try scenarios as the request says; `on_found` gets the journal's entry of each that breaks a rule.

    Whether the subject still makes objects.  Raises DeclarationError for a subject of another process.
    """
    if subject.remote:
        raise DeclarationError(
            "a subject of another process cannot be explored",
            where=subject.name,
            hint="bufspec check judges it",
        )
    state = _engine.CampaignState(request["state"], False)
    ledger = _engine.Ledger(request["ledger"], False)
    known = Profile(tuple(request["operations"]), request["builds"], subject.volatile, request["memories"])
    cases = None
    if subject.target != EXPORTER:
        # The lists have few random cases of a seed, so each stretch draws from others.
        seed = (request["seed"] + (state.totals()["executions"] + request["stream"]) * DRAWN_APART) % 2**32
        cases = known.cases(subject.target, request["edition"], seed, request["bound"])

    def tell(found: Mapping[str, Any]) -> bool:
        on_found({"breaks": found["rule"], "encoded": found["encoded"], "execution": found["execution"]})
        return not request["stops"]

    told = dict(keywords)
    if isinstance(subject.what, Native) and subject.target == EXPORTER:
        # Its library has both: what counts here is that they are there.
        told |= {
            "operations": [(name, print) for name in known.operations],
            "build": print if known.builds else None,
        }
    return _engine.explore(
        subject.target,
        named(subject.what) if isinstance(subject.what, Native) else subject.what,
        state,
        ledger,
        tell,
        rules=request["rules"],
        edition=request["edition"],
        seed=request["seed"],
        stream=request["stream"],
        until=request["until"],
        seconds=request["seconds"],
        guided=request["guided"],
        cases=cases,
        inputs=[bytes.fromhex(one) for one in request["inputs"]],
        **told,
    )
