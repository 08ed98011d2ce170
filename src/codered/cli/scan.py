"""`codered scan`: look at this host, at paths, at an offline system, at web logs, at traffic. Reads only."""

from typing import Any

import rich_click as click

from codered.cli.options import (
    ScanOptions,
    advisories_option,
    internal_option,
    output_options,
    pack_option,
    traffic_options,
)


@click.command("scan")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--root", metavar="DIR", help="An offline system: a mounted Windows or Linux volume, or an unpacked tree."
)
@click.option(
    "--logs",
    multiple=True,
    metavar="FILE",
    help="Web logs only: files (also compressed) or folders; PATHs are logs too.",
)
@traffic_options
@click.option("--memory", metavar="FILE", help="A memory dump: raw, ELF core, LiME or Windows crash dump.")
@click.option("--image", metavar="FILE", help="A disk image (raw, split, VMDK, VHD, VHDX, QCOW2, E01) or block device.")
@click.option("--no-hash", is_flag=True, help="With --image: do not take its SHA-256 before and after.")
@click.option("--deleted", is_flag=True, help="With --image: also look at what is left of deleted files.")
@click.option("--fast", is_flag=True, help="Only what runs, what starts by itself and what that points to: seconds.")
@click.option("--full", is_flag=True, help="This host: every file, not only the usual places.")
@click.option("--dump", metavar="DIR", help="Keep the memory regions in which something is found in this folder.")
@click.option("--no-cache", is_flag=True, help="Read every file, also those that did not change since a clean scan.")
@click.option("--baseline", metavar="FILE", help="A signed baseline: also tell what is not as it was.")
@advisories_option
@internal_option
@click.option("--jobs", type=click.IntRange(1, 64), help="Processor cores to use. Default: all.")
@pack_option
@output_options
def command(**given: Any) -> int:
    """Look for the threats of all packs; nothing is changed.

    Without PATH: this host. First what runs, its memory, what starts by itself and who may log in; then what all that
    points to on the disk; then web roots, web logs, temporary and home folders. A PATH that is laid out as a
    Windows volume is recognised and read as one. Web logs among the files are read as logs.

    While it looks at this host it also watches for some seconds what the processes reach for: a worm that scans is
    named with its process. --network does only that, for longer; --capture judges recorded traffic in the same way.

    Files that did not change since a scan with the same rules found them clean are not read again; the report counts
    them. Use --no-cache where somebody with root's rights may have hidden a change.

    Exits with 0 if clean, 1 if something was found, 3 if not everything could be looked at.
    """
    from codered.cli import scanning
    from codered.cli.output import check_outputs, exit_code_of, write_report

    asked = ScanOptions(**given)
    check_outputs(asked.output)
    scanning.refuse_contradictions(asked)
    report = scanning.scan(asked)
    write_report(report, asked.as_json, asked.output)
    return exit_code_of(report)
