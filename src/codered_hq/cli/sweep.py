"""`codered sweep`: find infected and vulnerable machines on every subnet, and say what could not be looked at."""

from typing import Any

import rich_click as click

from codered.cli.options import as_json_option
from codered_hq.cli.entering import HeadquartersCommand


@click.command("sweep", cls=HeadquartersCommand)
@click.argument("subnets", nargs=-1, metavar="[SUBNET]…")
@click.option("--all", "everything", is_flag=True, help="Sweep all documented subnets.")
@click.option("--zone", "zones", multiple=True, metavar="ZONE", help="Sweep the subnets of a zone (repeatable).")
@click.option("--authorisation", metavar="FILE", help="Who allows it, of what and when. Nothing is sent without it.")
@click.option("--make-authorisation", is_flag=True, help="Print a sample of such a file, with comments.")
@click.option("--packs", default="", metavar="NAME,…", help="Check for these. Default: all that are authorised.")
@click.option("--ports", default="80", metavar="PORT,…", help="Ports to ask in plain. Default: 80.")
@click.option("--tls-ports", default="", metavar="PORT,…", help="Ports to ask by TLS.")
@click.option("--host", "hosts", multiple=True, metavar="NAME", help="Ask for this site too (repeatable).")
@click.option(
    "--rate", default=0.0, type=click.FloatRange(0), metavar="N", help="New connections a second. Default: as allowed."
)
@click.option("--fragile", multiple=True, metavar="RANGE", help="Ask there once, one at a time (repeatable).")
@click.option("--dry-run", is_flag=True, help="Say what would be asked and how long it would take; send nothing.")
@click.option("--resume", default="", metavar="UID", help="Go on with a sweep that was broken off.")
@click.option("--from", "point", default="", metavar="POINT", help="Have a scan point make it, from inside its zone.")
@click.option("--bundle", is_flag=True, help="Make a bundle (-o FILE.zip) to be run by hand where no way leads.")
@click.option("--hours", default=72.0, type=click.FloatRange(0.1, 720), help="How long a bundle is good. Default: 72.")
@click.option("--merge", default="", metavar="RESULT", help="Take the result of a bundle.")
@click.option("--cancel-bundle", default="", metavar="UID", help="Take a bundle back: its result is refused then.")
@click.option("--key", default="", metavar="NAME", help="The key that must have signed it (ed25519:…).")
@click.option("--coverage", is_flag=True, help="Print what is covered and what is not, of all sweeps together.")
@click.option(
    "--max-age", default=24.0, type=click.FloatRange(0.01), help="Hours until a result is stale. Default: 24."
)
@click.option("--list", "listing", is_flag=True, help="List all sweeps.")
@click.option("--show", default="", metavar="UID", help="Show what a sweep found.")
@click.option("-o", "--output", default="", metavar="FILE", help="Write the result (JSON) or the bundle there.")
@as_json_option
def command(**given: Any) -> int:
    """Ask every address of subnets, by the packs' safe probes, whether a machine there is infected or vulnerable.

    SUBNET: a range (10.1.0.0/16), an address, FIRST-LAST, or @FILE with one on each line. IPv6 is swept up to a /112;
    of larger ranges the addresses that the inventory knows are asked. Nothing is sent that could run a command.

    Exits with 1 if something infected or vulnerable was found, else 3 if anything was not covered or could not be
    determined, else 0; 4 if it is not authorised, 130 if it was interrupted (go on with --resume).
    """
    from codered_hq.cli import sweep_choosing
    from codered_hq.cli.sweep_options import Given

    return sweep_choosing.do_sweep(Given(**given))
