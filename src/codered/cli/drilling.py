"""Showing a drill."""

import shutil
import tempfile
import time
from pathlib import Path

import rich_click as click

from codered.cli.running import load_named_packs
from codered.drill import HostDrill, digest_tree
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode

PACK = "codered2"
_RULE = "─" * 100


def run_host_drill(keep: bool, quiet: bool) -> int:
    """`codered drill host`."""
    (loaded,) = load_named_packs((PACK,))
    folder = Path(tempfile.mkdtemp(prefix="codered-drill-")).resolve()
    begin = time.monotonic()
    try:
        passed = _show(HostDrill(loaded, folder), loaded.pack.title, quiet)
    finally:
        if not keep:
            shutil.rmtree(folder)
    kept = f"; its folder is {folder}" if keep else ""
    click.echo(f"The drill {'PASSED' if passed else 'FAILED'} in {time.monotonic() - begin:.1f} s{kept}")
    return ExitCode.CLEAN if passed else ExitCode.FOUND


def _show(drill: HostDrill, title: str, quiet: bool) -> bool:
    click.echo(f"Drill: {title}, inert markers only, on a volume made at {drill.volume}")
    passed = True
    for number, step in enumerate(drill.run(), 1):
        if not quiet:
            click.echo(f"{_RULE}\n{number}. {step.title}\n\n$ {step.command}")
            click.echo("\n".join(printable(line) for line in step.shown.splitlines()))
        passed = not step.problem
        told = "as it must be" if passed else f"NOT as it must be: {printable(step.problem)}"
        click.echo(f"{'' if quiet else '→ '}{number}. {step.title}: exit code {step.exit_code}, {told}")
        if step.title in ("Plan", "Roll back"):
            click.echo(f"   the volume's tree hash: {digest_tree(drill.volume)}")
    return passed
