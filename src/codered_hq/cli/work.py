"""`codered work`: what headquarters does by itself."""

import rich_click as click

from codered_hq.cli.entering import HeadquartersCommand, prepare


@click.command("work", cls=HeadquartersCommand)
@click.option("--once", is_flag=True, help="One pass, and end.")
@click.option("--every", "pause", default="10s", metavar="TIME", help="Between two passes. Default: 10s.")
@click.option("--until-eof", is_flag=True, hidden=True, help="End when standard input does.")
def command(once: bool, pause: str, until_eof: bool) -> int:
    """Do what is due, until Ctrl-C: take containments back, follow machines that moved, carry out what was approved.

    Also: expired approvals, notices, calls that nobody answers, reports, and the queue of codered fleet. For a service.
    With --once exits with 1 if something can't be taken back, 3 if a part failed, else 0.
    """
    prepare()
    from codered_hq.cli import working

    return working.work(once=once, pause=pause, until_eof=until_eof)
