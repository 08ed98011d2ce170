"""`codered contain`: cut an infected host off, so that nothing spreads while it is looked at."""

from typing import Any

import rich_click as click
from click.core import ParameterSource

from codered.cli.contain_options import AutoOptions, OnOptions, auto_options, on_options
from codered.cli.options import as_json_option, change_options
from codered.cli.shared_words import SharedWords
from codered.cli.suggest_options import SuggestOptions, suggest_options


@click.group("contain", cls=SharedWords, invoke_without_command=True)
@auto_options
@click.pass_context
def command(context: click.RichContext, /, auto: bool, **given: Any) -> int:
    """Cut this host off from what a worm reaches for, keep your own session, and undo it exactly.

    Only tables of our own are set; every other rule stays as it is. `codered contain on` shows what it does and asks.
    """
    if context.invoked_subcommand is not None:
        if auto or any(context.get_parameter_source(name) is not ParameterSource.DEFAULT for name in given):
            raise click.UsageError("these options belong to --auto, which stands alone")
        return 0
    if not auto:
        raise click.UsageError("say what to do: on, off, status, confirm, suggest, or --auto")
    from codered.cli import contain_auto

    return contain_auto.watch_and_contain(AutoOptions(**given))


@command.command()
@on_options
@change_options
def on(**given: Any) -> int:
    """Contain this host. Without a kind: isolate it."""
    from codered.cli import containing

    return containing.switch_on(OnOptions(**given))


@command.command()
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help="All containments of this host.")
@change_options
def off(name: str | None, every: bool, **given: Any) -> int:
    """Undo a containment. Without NAME: the only one there is. Every other rule stays as it is."""
    from codered.cli import contain_choices
    from codered.cli.options import ChangeOptions

    return contain_choices.switch_off(ChangeOptions(plan=name or "", **given), every=every)


@command.command()
@click.argument("name", required=False)
@click.option("--all", "every", is_flag=True, help="All containments of this host.")
def confirm(name: str | None, every: bool) -> int:
    """Have a containment stay that would open by itself. Without NAME: the only one there is."""
    from codered.cli import contain_choices

    return contain_choices.confirm(name or "", every=every)


@command.command()
@click.argument("name", required=False)
@click.option("--keep", is_flag=True, help="Start who keeps it again, where nobody does.")
@as_json_option
def status(name: str | None, keep: bool, as_json: bool) -> int:
    """Show what is contained: 0 if all holds (or nothing is contained), 1 if one stands open, 3 if nobody keeps it."""
    from codered.cli import contain_status

    return contain_status.show_status(name or "", keep=keep, as_json=as_json)


@command.command()
@suggest_options
def suggest(**given: Any) -> int:
    """Show texts for other devices (routers, firewalls, Windows hosts), each with the way back. Nothing is changed."""
    from codered.cli import contain_suggest

    return contain_suggest.suggest(SuggestOptions(**given))


@command.command(hidden=True)
@click.argument("name")
def keep(name: str) -> int:
    """Put a containment back whenever another program takes it away (what `on` starts)."""
    from codered.cli import containing

    return containing.keep(name)
