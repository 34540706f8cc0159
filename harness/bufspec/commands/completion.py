"""The command `bufspec completion`: the script with which a shell completes commands and options.

The script is click's; it calls bufspec, which answers before any command is run.
"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from bufspec.commands.ending import ending_well

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "bufspec"
VARIABLE = "_BUFSPEC_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@ending_well
def completion(shell: str) -> None:
    """Write what completes commands and options in your shell.

    \b
    bufspec completion bash > ~/.local/share/bash-completion/completions/bufspec
    bufspec completion zsh > ~/.zfunc/_bufspec          a folder of $fpath
    bufspec completion fish > ~/.config/fish/completions/bufspec.fish
    """
    script = get_completion_class(shell)
    assert script is not None, "click knows the three shells"
    root = click.get_current_context().find_root().command
    click.echo(script(root, {}, PROGRAM, VARIABLE).source(), nl=False)
