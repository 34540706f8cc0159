"""What was `bufspec check` asked for?

A field of Asked for each option; what contradicts itself is refused.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from bufspec.commands.configured import chosen, is_given
from bufspec.commands.formats import TO_STDOUT, asked_formats, refuse_record_itself
from bufspec.commands.options import processors, refuse_force_alone
from bufspec.declare import READS
from bufspec.errors import DeclarationError, text_of
from bufspec.fits import check_fits, fitted_memories
from bufspec.reports.formats.all import FORMATS, Format
from bufspec.wire.expression import consumer_name, exporter_name
from bufspec.wire.remote_file import remote_file

if TYPE_CHECKING:
    from bufspec.run.plan import Options

AFTERWARDS = (
    *("resume", "trust", "jobs", "output", "verbose", "fail_on", "allow_undecided", "minimises"),
    *(one.parameter for one in FORMATS),
)
"""The options that change nothing in what is judged, and so may differ where a run is continued."""


@frozen
class Asked:
    """The options as they were given, and the `formats` to write with the file of each."""

    subjects: tuple[str, ...]
    expressions: tuple[str, ...]
    expect: str | None
    readonly: bool
    consumers: tuple[str, ...]
    kind: str
    returns: str | None
    order: str | None
    fits: str | None
    files: tuple[str, ...]
    python: str
    peers: tuple[str, ...]
    edition: str
    rules: tuple[str, ...]
    exclude: tuple[str, ...]
    rules_of: str
    list_only: bool
    jobs: int | None
    seed: int | None
    no_discover: bool
    timeout: float
    setup_timeout: float
    minimises: bool
    fail_fast: bool
    repeat: int
    shard: str
    measures: bool
    last_failed: bool
    cases: tuple[str, ...]
    memory_limit: int | None
    in_process: bool
    out: Path | None
    force: bool
    resume: Path | None
    trust: bool
    expectations: tuple[str, ...]
    no_expectations: bool
    fail_on: str
    allow_undecided: bool
    output: str
    verbose: bool
    formats: list[tuple[Format, str]]

    @staticmethod
    def of(given: dict[str, Any]) -> Asked:
        """What the arguments of the command ask for; raises UsageError where they contradict each other."""
        files = {one.parameter: given.pop(one.parameter) for one in FORMATS}
        if given["list_only"]:  # the files that the configuration names are for runs
            files = {name: file if is_given(name) else None for name, file in files.items()}
        asked = Asked(**given | _selection(given), formats=asked_formats(files))
        asked._refuse_contradictions()
        return asked

    def _refuse_contradictions(self) -> None:
        refuse_force_alone(self.force, self.out)
        if self.repeat > 1 and self.in_process:
            raise click.UsageError("--repeat needs new processes, so it does not go with --in-process")
        if self.python and self.in_process:
            raise click.UsageError(
                "--in-process judges in the interpreter that runs bufspec: leave --python out"
            )
        if self.repeat > 1 and self.shard:
            raise click.UsageError("--repeat does not go with --shard: each repeat needs all of a subject")
        if self.trust and not (self.resume or self.last_failed):
            raise click.UsageError("--trust is about --resume or --last-failed")
        if not self.consumers and (self.returns or self.order or self.fits or self.kind != READS):
            raise click.UsageError("--kind, --returns, --order and --fits describe a --consumer")
        if self.expect is not None and len(self.expressions) != 1:
            raise click.UsageError("--expect describes one --exporter")
        if self.readonly and not self.expressions:
            raise click.UsageError("--readonly describes an --exporter")
        if self.list_only and self.formats:
            raise click.UsageError(f"--list judges nothing that --{self.formats[0][0].name} could hold")
        if folder := self.out or self.resume:
            from bufspec.run.record import EVENTS_FILE

            refuse_record_itself(folder / EVENTS_FILE, self.formats)

    @property
    def names_subjects(self) -> bool:
        """Whether something says what is judged, so that it is not what is judged by default."""
        given = (self.subjects, self.expressions, self.consumers, self.files, self.peers)
        return any(given) or bool(self.resume) or self.last_failed

    @property
    def shows_failures(self) -> bool:
        """Whether failures are made smaller, and into scripts: asked for, or a page has room for them."""
        return self.minimises or any(one.name == "html" for one, _ in self.formats)

    @property
    def prints_report(self) -> bool:
        """Whether standard output is for the report, and not for one of the formats."""
        return all(file != TO_STDOUT for _, file in self.formats)

    def options(self) -> Options:
        """What the run is asked to do; UsageError or DeclarationError for Python that is no use."""
        from bufspec.run.plan import Options
        from bufspec.run.units import shard_from_text
        from bufspec.wire.profile import DEFAULT_SEED

        shard_from_text(self.shard)
        expect, fits = _bytes_of(self.expect), _fits_of(self.fits)
        return Options(
            patterns=self.subjects,
            expressions=(
                *(
                    exporter_name(one, readonly=self.readonly, expect=expect, expect_of=self.expect or "")
                    for one in self.expressions
                ),
                *(
                    consumer_name(one, self.kind, self.returns or "", order=self.order or "", fits=fits)
                    for one in self.consumers
                ),
            ),
            files=(*self.files, *map(remote_file, self.peers)),
            expectations=self.expectations,
            expects_known=not self.no_expectations,
            edition=self.edition,
            rules=self.rules,
            exclude=self.exclude,
            rules_of=self.rules_of,
            jobs=self.jobs or processors(),
            seed=DEFAULT_SEED if self.seed is None else self.seed,
            timeout=self.timeout,
            setup_timeout=self.setup_timeout,
            fail_fast=self.fail_fast,
            discover=not self.no_discover,
            case_patterns=self.cases,
            memory_limit=self.memory_limit or 0,
            in_process=self.in_process,
            repeat=self.repeat,
            shard=self.shard,
            measures=self.measures,
            python=os.path.abspath(os.path.expanduser(self.python)) if self.python else "",
        )


def _selection(given: dict[str, Any]) -> dict[str, Any]:
    """What is judged; a subject that is named may be in one of the configuration's files, which stay then."""
    found = chosen({name: given[name] for name in ("subjects", "expressions", "consumers", "files", "peers")})
    return found | {"files": given["files"]} if found["subjects"] else found


def _fits_of(fits: str | None) -> dict[str, Any] | None:
    """The memory that --fits describes; raises UsageError or DeclarationError for what describes none."""
    if fits is None:
        return None
    from bufspec import _engine

    try:
        value = ast.literal_eval(fits)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError) as error:
        said = (
            error.msg if isinstance(error, SyntaxError) else "no dict of texts and numbers as they are spelt"
        )
        raise click.UsageError(f"--fits {fits}: not a dict of Python: {said}") from error
    where = f"--fits {fits}"
    check_fits("--consumer", value, where)
    try:
        fitted_memories(value, _engine.format_size)
    except DeclarationError as error:
        raise DeclarationError(error.what, where=where, hint=error.hint) from error
    return dict(value)


def _bytes_of(expect: str | None) -> bytes | None:
    """What --expect gives, an expression of builtins; raises UsageError for what is no bytes."""
    if expect is None:
        return None
    try:
        value = eval(expect, {}, {})
    except (Exception, SystemExit) as error:
        raise click.UsageError(f"--expect {expect}: {text_of(error)}") from error
    if not isinstance(value, bytes | bytearray):
        raise click.UsageError(f"--expect {expect} is {type(value).__name__}, not bytes")
    return bytes(value)
