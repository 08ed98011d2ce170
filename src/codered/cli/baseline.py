"""`codered baseline`: what a system was when it could be trusted, and how it differs from that now. Reads only."""

from typing import Any

import rich_click as click

from codered.cli.baseline_options import CompareOptions, CreateOptions, SignOptions
from codered.cli.options import as_json_option, output_options

_JOBS = click.option("--jobs", type=click.IntRange(1, 64), help="Processor cores to use. Default: all.")
_ROOT = click.option("--root", metavar="DIR", help="Another system: a mounted volume, or an unpacked tree.")


@click.group("baseline")
def command() -> None:
    """Known good: record what a system is, and tell later what is not as it was.

    A baseline holds files (hash, owner, mode, capabilities), packages, what starts by itself, accounts and keys, and
    who listens. Make it while the system can be trusted, and keep a copy elsewhere. The host's own key signs it at
    first: that guards against accidents and against those who are not root, for root can use the key. Sign it on your
    own machine with a key that never comes here: codered baseline sign FILE --key KEY.
    """


@command.command("create")
@click.option("-o", "--output", metavar="FILE", help="Where to write it. Default: the state folder's baselines/.")
@_ROOT
@click.option("--place", "places", multiple=True, metavar="PATH", help="Only the files of this folder (repeatable).")
@click.option("--with-state", is_flag=True, help="With --place: also packages, autostart, accounts, keys, listeners.")
@click.option("--key", metavar="KEY", help="The private key to sign with. Default: this host's, made on first use.")
@click.option("--no-contents", is_flag=True, help="Keep no contents of configuration and web files for restoring.")
@_JOBS
@as_json_option
def create(**given: Any) -> int:
    """Record this host, or another system, as it is now."""
    from codered.cli import baselining

    return baselining.create(CreateOptions(**given))


@command.command("compare")
@click.argument("baseline", required=False, metavar="[BASELINE]")
@_ROOT
@click.option("--against", metavar="DIR", help="Compare with a known-good folder laid out like the root instead.")
@click.option("--trust", multiple=True, metavar="KEY.pub", help="Trust baselines signed with this key (repeatable).")
@click.option("--force", is_flag=True, help="Compare although the baseline is of a host of another name.")
@click.option("--full", is_flag=True, help="Read every file, also those whose times and sizes are as they were.")
@_JOBS
@output_options
def compare(**given: Any) -> int:
    """Tell what is not as the baseline has it: only what matters, with the reason. Default: this host's newest one.

    Exits with 0 if all is as it was, 1 if something is not, 3 if not everything could be looked at, 4 if the baseline
    was changed or is signed by somebody unknown.
    """
    from codered.cli import baselining

    return baselining.compare(CompareOptions(**given))


@command.command("list")
@as_json_option
def list_all(as_json: bool) -> int:
    """List the baselines in the state folder, the newest first."""
    from codered.cli import baselining

    return baselining.list_all(as_json)


@command.command("sign")
@click.argument("file", metavar="FILE")
@click.option("--key", metavar="KEY", help="The private key to sign with.")
@click.option("--new-key", metavar="KEY", help="Make a key in this file (its public half in KEY.pub) and sign with it.")
@click.option("-o", "--output", metavar="FILE", help="Where to write the signed one. Default: FILE itself.")
def sign(**given: Any) -> int:
    """Sign a baseline with a key of your own, in the place of whoever signed it before."""
    from codered.cli import baselining

    return baselining.sign(SignOptions(**given))
