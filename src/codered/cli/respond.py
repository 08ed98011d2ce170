"""`codered respond`: be guided from the first look to the proof."""

from typing import Any

import rich_click as click

from codered.cli.options import RespondOptions


@click.command("respond")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--root", metavar="DIR", help="An offline system: a mounted Windows or Linux volume, or an unpacked tree."
)
@click.option("--fast", is_flag=True, help="Look only at what runs, what starts by itself and what that points to.")
@click.option("--restore-from", metavar="DIR", help="A known-good copy, laid out like the root, to restore files from.")
@click.option("--yes", is_flag=True, help="Carry the plan out without asking; needed where there is no terminal.")
def command(**given: Any) -> int:
    """Look, plan, review, apply and verify, step by step, each explained; nothing is changed before you agree.

    Without PATH: this host. Ctrl-C at any question leaves everything as it is.
    """
    from codered.cli import guiding

    return guiding.guide(RespondOptions(**given))
