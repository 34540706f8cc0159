"""What `bufspec replay` does with a case: runs it, makes it smaller, makes the script that shows it.

Prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import evolve, frozen

from bufspec import _engine
from bufspec.errors import SelectionError, near_names
from bufspec.isolation.supervisor import Supervisor
from bufspec.replay.minimise import minimise
from bufspec.replay.replayer import Replay, Replayer
from bufspec.reports.wording.sentences import Sentences, sentences_of
from bufspec.run.case_id import SCENARIO, CaseId
from bufspec.run.workspace import working_directory
from bufspec.scripts.standalone import Break, forms, violation_of
from bufspec.scripts.trial import first_that_shows
from bufspec.tables.rulebook import load_rulebook
from bufspec.words import IMPACTS, LEVELS

LONG = 6
"""A scenario of more steps tells nobody which of them matter."""
AT_ONCE_SECONDS = 5.0
"""How long is looked for a simpler one where nobody asked for it."""


@frozen
class Asked:
    """What is wanted besides the replay itself."""

    timeout: float = 10.0
    minimised: bool = False
    script: bool = False
    in_short: bool = False
    """Whether a long scenario that fails is made smaller at once, within AT_ONCE_SECONDS."""


@frozen
class Shown:
    """The replay, the rule that it was minimised for, and the text of the script, where asked for."""

    replay: Replay
    rule: str | None = None
    script: str | None = None
    also: tuple[str, ...] = ()
    """The rules that the whole case breaks and the minimised one does not."""
    command_of: Callable[[CaseId], str] = lambda case: case.command
    """The command that replays a case."""

    @property
    def rule_asked(self) -> str | None:
        """The rule that somebody named."""
        return self.replay.id.rule

    @property
    def simplest(self) -> str:
        """The command that replays the minimised scenario itself."""
        return self.command_of(simplest_of(self.replay))


def simplest_of(shown: Replay) -> CaseId:
    """The scenario that was run, as a case."""
    return evolve(shown.id, case=f"{SCENARIO}{shown.scenario.hex()}")


async def replay_case(case: CaseId, asked: Asked, kind: type[Supervisor] = Supervisor) -> Shown:
    """Run a case and do what is asked with it, in workers of that kind.

    Raises SelectionError for a case that does not exist or a rule that it does not break, StandaloneError
    where no script can show the break.
    """
    rulebook = load_rulebook(case.edition, _engine.rule_ids())
    with working_directory() as work:
        async with Replayer(case, rulebook, work, asked.timeout, kind) as replayer:
            return await _replay(case, asked, replayer)


async def _replay(case: CaseId, asked: Asked, replayer: Replayer) -> Shown:
    shown = await replayer.first()
    rule = _rule_of_interest(shown, case.rule)
    whole = shown
    if not shown.clean and (asked.minimised or asked.script):
        shown = await minimise(replayer, shown, rule)
    elif not shown.clean and asked.in_short and len(shown.parts["steps"]) > LONG:
        shown = await minimise(replayer, shown, rule, seconds=AT_ONCE_SECONDS)
    script = first_that_shows(forms(await break_from(replayer, shown, rule))) if asked.script else None
    also = tuple(one for one in whole.broken if one not in shown.broken)
    return Shown(shown, rule, script, also)


def _broken_instead(broken: Sequence[str]) -> str:
    """What a case came to that was to break another rule, which need not come out the same each time."""
    if broken:
        return f"this time it breaks {', '.join(broken)}; leave out --rule to see that"
    return "this time it breaks nothing; check --repeat N tells what does not come out the same each time"


def _rule_of_interest(shown: Replay, wanted: str | None) -> str | None:
    """The rule asked for, or the gravest that is broken: by level, then by impact, then as they were met."""
    broken = [rule for rule in shown.broken if rule in shown.rulebook.rules]
    if wanted is not None and wanted not in broken and shown.death is None:
        raise SelectionError(
            f"the case does not break {wanted}",
            where=str(shown.id),
            hint=near_names(wanted, broken, otherwise=_broken_instead(broken)),
        )
    if shown.death is not None or not broken:
        return None

    def gravity(rule: str) -> tuple[int, int]:
        text = shown.rulebook.rules[rule]
        return LEVELS.index(text.level), IMPACTS.index(text.impact)

    return wanted or min(broken, key=gravity)


async def break_from(replayer: Replayer, shown: Replay, rule: str | None) -> Break:
    """What a script is to show of a replay: its death, or `rule` broken."""
    violation = violation_of(shown.seen, rule) if shown.seen and rule else None
    said = sentences_of(violation["rule"], violation["finding"]) if violation else Sentences("", "")
    source = await replayer.source(shown.scenario)
    elements = source.get("elements")
    is_smaller = shown.minimised_from not in (None, shown.described)
    return Break(
        subject=shown.id.subject,
        replayed_by=shown.id.command,
        minimised=simplest_of(shown).command if is_smaller else "",
        parts=_engine.parts(shown.scenario),
        made=source["make"],
        trace={**shown.seen["trace"], "violations": shown.seen["violations"]} if shown.seen else None,
        rule=shown.rulebook.rules[rule] if rule else None,
        expected=said.expected,
        found=said.found,
        death=shown.death,
        operations=source.get("operations", {}),
        operation_names=replayer.profile.operations,
        elements=bytes.fromhex(elements) if elements is not None else None,
        of_views=source.get("of_views", False),
        kind=source.get("kind", "reads"),
        returns=source.get("returns") or (shown.seen or {}).get("inferred", ""),
        peer=source.get("peer"),
    )
