"""Which pair damaged a process that died in a later one?

A pair that dies only where others were tried before it is not to blame: it shows what one of them did to
the process.  That one is looked for among the consumers before it, the nearest first: who writes or frees
what is not its own with our exporter may have done so here.  What is written past the end shows by chance;
of anything else the two alone must end a process again.  The death becomes a symptom of the earlier pair.
"""

from __future__ import annotations

from attrs import evolve

from bufspec.pairs.blame import Attribution, Broken
from bufspec.pairs.blocks import Block, BlockRun, PairSupervisor
from bufspec.words import DEATH

WRITES = "consumer.write.inside_elements"
DAMAGES = (WRITES, "consumer.struct.", "consumer.hold.")
"""Rules of consumers whose break may harm whatever comes later in the process."""
LOOKED_AT = 40
"""So many consumers before a death are looked at: each costs all of its cases, once in a run."""


async def give_deaths_to_their_causes(
    attribution: Attribution, supervisor: PairSupervisor, block: Block, run: BlockRun
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
            cause = await _damage_by(attribution, supervisor, block.consumers[earlier])
            if cause and (cause.rule == WRITES or await _die_together(supervisor, block, earlier, number)):
                run.outcomes[number] = died.alone
                reason = f"the process died later, with {block.consumers[number]}"
                run.outcomes[earlier] = run.outcomes[earlier].with_death(died, reason)
                causes.setdefault(earlier, cause)
                break
    return causes


async def _damage_by(attribution: Attribution, supervisor: PairSupervisor, consumer: str) -> Broken | None:
    broken = await attribution.consumer_on(supervisor, consumer, None)
    found = [one for one in broken if one.rule.startswith(DAMAGES)]
    return next((one for one in found if one.rule == WRITES), next(iter(found), None))


async def _die_together(supervisor: PairSupervisor, block: Block, earlier: int, later: int) -> bool:
    """Whether a process that tries these two pairs and no others dies in the later one."""
    await supervisor.start_afresh()
    two = tuple(block.consumers[number] for number in (earlier, later))
    found = await supervisor.try_block(
        evolve(block, consumers=two, journal=f"{block.journal}.{earlier}-{later}")
    )
    await supervisor.start_afresh()
    return any(symptom["kind"] == DEATH for one in found.outcomes.values() for symptom in one.symptoms)
