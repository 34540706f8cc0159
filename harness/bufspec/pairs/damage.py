"""Which pair damaged a process that died in a later one?

A pair that dies only where others were tried before it is not to blame: it shows what one of them did to
the process.  That one is looked for among the consumers before it, the nearest first: whoever writes or
frees what is not its own with our exporter does so with others.  The death becomes a symptom of its pair.
"""

from __future__ import annotations

from collections.abc import Sequence

from bufspec.isolation.supervisor import Supervisor
from bufspec.pairs.blame import Attribution, Broken
from bufspec.pairs.blocks import BlockRun

DAMAGES = ("consumer.write.inside_elements", "consumer.struct.", "consumer.hold.")
"""Rules of consumers whose break may harm whatever comes later in the process."""
LOOKED_AT = 40
"""So many consumers before a death are looked at: each costs all of its cases, once in a run."""


async def give_deaths_to_their_causes(
    attribution: Attribution, supervisor: Supervisor, consumers: Sequence[str], run: BlockRun
) -> dict[int, Broken]:
    """Move each death that needs earlier pairs to the one of them that damaged the process.

    Changes the outcomes of `run`; gives the broken rule for each pair, by the number of its consumer, that
    has got a death so.  Where no such pair is found the death stays where it was seen.
    """
    causes: dict[int, Broken] = {}
    for number, died in sorted(run.outcomes.items()):
        if died.alone is None:
            continue
        for earlier in died.before[: -LOOKED_AT - 1 : -1]:
            if cause := await _damage_by(attribution, supervisor, consumers[earlier]):
                run.outcomes[number] = died.alone
                reason = f"the process died later, with {consumers[number]}"
                run.outcomes[earlier] = run.outcomes[earlier].with_death(died, reason)
                causes.setdefault(earlier, cause)
                break
    return causes


async def _damage_by(attribution: Attribution, supervisor: Supervisor, consumer: str) -> Broken | None:
    broken = await attribution.consumer_on(supervisor, consumer, None)
    return next((one for one in broken if one.rule.startswith(DAMAGES)), None)
