"""How does a project's configuration become what a command's options are by default?

The option --config is read before all others and fills click's default_map, so that each command obeys the
configuration as far as it has the options, and the command line overrides it.  What is in the file, and
whether it makes sense, is in project/configuration.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from bufspec.commands.ending import complain, said
from bufspec.errors import BufspecError
from bufspec.reports.formats.all import FORMATS

if TYPE_CHECKING:
    from bufspec.project.configuration import Configuration

Command = TypeVar("Command", bound=Callable[..., object])
FOUND = "bufspec.configuration"
"""Where the context of a command keeps the configuration that it obeys."""
PLURALS = {
    "files": "--subjects",
    "exporters": "--exporter",
    "consumers": "--consumer",
    "rules": "--rules-of",
}
"""The keys whose option has another name; every other is that of its option, without the dashes."""
TABLES = ("reports", "pairs")
"""The keys that hold a table of keys: of formats, and of the options that one command alone has."""


def configuration_options(*only: str) -> Callable[[Command], Command]:
    """The options --config and --no-config, for a command that obeys these keys, or all that it has."""

    def obey(context: click.Context, option: click.Parameter, file: Path | None) -> None:
        if not context.resilient_parsing and (file or FOUND not in context.meta):
            _obey(context, file, only)

    def with_options(command: Command) -> Command:
        command = click.option(
            "--no-config",
            is_flag=True,
            is_eager=True,
            expose_value=False,
            help="Ignore bufspec.toml and [tool.bufspec] of pyproject.toml.",
            callback=_obey_none,
        )(command)
        return click.option(
            "--config",
            type=click.Path(path_type=Path),
            metavar="FILE",
            is_eager=True,
            expose_value=False,
            help="The configuration.  [default: bufspec.toml or pyproject.toml, here or in a folder above]",
            callback=obey,
        )(command)

    return with_options


def _obey_none(context: click.Context, option: click.Parameter, asked: bool) -> None:
    if asked:
        context.meta[FOUND] = None


def _obey(context: click.Context, file: Path | None, only: Collection[str]) -> None:
    from bufspec.project.configuration import find_configuration, load_configuration

    try:
        configuration = load_configuration(file) if file else find_configuration(Path.cwd())
        context.meta[FOUND] = configuration
        if configuration:
            configuration.refuse_unknown_reports([one.name for one in FORMATS])
            values = configuration.values
            obeyed = {key: value for key, value in values.items() if not only or key in only}
            context.default_map = defaults_from(obeyed, context.command)
    except BufspecError as error:
        sys.exit(said(error))


def defaults_from(values: dict[str, Any], command: click.Command) -> dict[str, Any]:
    """The values of a configuration by the names of the parameters of a command, of those that it has."""
    by_option = {name: one.name for one in command.params for name in one.opts if one.name}
    if command.name == "pairs":
        # What is judged alone is not what is tried with everything else.
        own = {key: value for key, value in values.items() if key not in ("exporters", "consumers")}
        own |= values.get("pairs", {})
        options = {key: PLURALS[key] for key in ("files", "rules")}
    else:
        own = values | values.get("reports", {})
        options = PLURALS
    # The argument bears the name of a key; the option that is spelt so takes files.
    found = {key: by_option.get(options.get(key, f"--{key}")) for key in own} | {
        "subjects": by_option.get("subjects")
    }
    return {name: own[key] for key, name in found.items() if name and key in own and key not in TABLES}


def configuration() -> Configuration | None:
    """The configuration that the running command obeys."""
    found: Configuration | None = click.get_current_context().meta.get(FOUND)
    return found


def say_configuration() -> None:
    """Say on the error stream which configuration the running command obeys, if it does one."""
    if found := configuration():
        complain(f"configuration: {found.where}")


def make_folders_of_reports() -> None:
    """Make the folders that the configuration wants its reports in: before a run, which may take long."""
    if found := configuration():
        for file in found.reports:
            file.parent.mkdir(parents=True, exist_ok=True)


def is_given(name: str) -> bool:
    """Whether the command line has the parameter of that name."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def chosen(parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters that say what is judged, without those of the configuration if the command line has one.

    Who names a subject wants that one, and not the project's others too.
    """
    given = [name for name, value in parameters.items() if value and is_given(name)]
    if not given:
        return parameters
    return {name: value if name in given else type(value)() for name, value in parameters.items()}
