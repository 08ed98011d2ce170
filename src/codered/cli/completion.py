"""`codered completion`: the words and options of this tool, for the shell's TAB."""

import rich_click as click

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the script that completes words, options and files on TAB.

    To use it: `codered completion bash > /etc/bash_completion.d/codered`, for zsh into a folder of its `fpath` as
    `_codered`, for fish into `~/.config/fish/completions/codered.fish`. The Debian package brings all three.
    """
    from codered.cli import completing

    return completing.show_script(shell)
