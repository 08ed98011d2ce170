"""`codered serve`: the console in the browser."""

from typing import Any

import rich_click as click

from codered_hq.cli.entering import HeadquartersCommand


@click.command("serve", cls=HeadquartersCommand)
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Listen there. Default: this machine alone.")
@click.option("--port", default=8443, type=click.IntRange(0, 65535), help="Its port; 0 = any free one. Default: 8443.")
@click.option("--certificate", default="", metavar="FILE", help="A certificate with its chain, as PEM.")
@click.option("--key", default="", metavar="FILE", help="Its key.")
@click.option("--name", "names", multiple=True, metavar="NAME", help="A name or address by which people reach it.")
@click.option("--behind-proxy", "origin", default="", metavar="ORIGIN",
              help="Plain HTTP for a proxy on this machine that people reach as https://NAME.")  # fmt: skip
@click.option("--no-worker", is_flag=True, help="Don't run `codered work` beside it: a service does.")
@click.option("--demo", is_flag=True, help="A played outbreak in a headquarters of its own, begun anew each time.")
@click.option("--until-eof", is_flag=True, hidden=True, help="End when standard input does.")
def command(**given: Any) -> int:
    """Serve the console (war room), until Ctrl-C. Everything goes over TLS.

    Without --certificate it makes one of its own, and prints its SHA-256 fingerprint: compare it with what the browser
    shows. While there is no account, it prints a link by which the first one is made, once.
    """
    from codered_hq.cli import serving

    return serving.serve(serving.Choices(**given))
