"""What is the manual page of a program whose command line is click's?

Goes by what --help shows: the same texts, in the same order, as roff.
"""

from __future__ import annotations

from collections.abc import Iterator

import click


def manual_page(context: click.Context, version: str, exit_codes: list[tuple[str, str]]) -> str:
    """The page in section 1 of the program that `context` is of; each command is loaded for it."""
    name = context.info_name or ""
    short, _, _ = (context.command.help or "").partition("\n")
    lines = [
        f'.TH {name.upper()} 1 "" "{name} {version}" "User commands"',
        ".SH NAME",
        rf"{_text(name)} \- {_text(short[:1].lower() + short[1:].rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B {_text(name)}",
        r"[\-\-version] COMMAND [OPTION]... [ARGUMENT]...",
        ".SH COMMANDS",
    ]
    for command in commands_under(context):
        lines += _section(command)
    lines.append(".SH EXIT STATUS")
    for code, meaning in exit_codes:
        lines += [".TP", f".B {_text(code)}", _text(meaning)]
    return "\n".join(lines) + "\n"


def commands_under(context: click.Context) -> Iterator[click.Context]:
    """The context of each command of a group that --help lists, those of a group in place of the group."""
    group = context.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context, **command.context_settings)
        if isinstance(command, click.Group):
            yield from commands_under(inner)
        else:
            yield inner


def _section(context: click.Context) -> list[str]:
    command = context.command
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f".SS {_text(context.command_path)}", f".B {_text(context.command_path)}", _text(usage), ".PP"]
    lines += _paragraphs(command.help or "")
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            lines += [".TP", f".B {_text(record[0])}", _text(record[1])]
    return lines


def _paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a help text; one that begins with the mark \\b of click keeps its lines."""
    for paragraph in text.split("\n\n"):
        lines = [line.strip() for line in paragraph.strip().splitlines()]
        if lines[:1] == ["\b"]:
            yield from (".RS", ".nf", *map(_text, lines[1:]), ".fi", ".RE")
        else:
            yield _text(" ".join(lines))
        yield ".PP"


def _text(text: str) -> str:
    """Text that roff prints as it is: a line that begins with a point or an apostrophe is no request."""
    shown = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{shown}" if shown[:1] in {".", "'"} else shown
