"""`codered packs explain`: a finding or a sign in words."""

from typing import TYPE_CHECKING

import rich_click as click

if TYPE_CHECKING:
    from codered.model.finding import Finding


@click.command("explain")
@click.argument("named", metavar="FINDING|PACK/SIGN")
@click.option("--report", "report", metavar="REPORT.json", help="The saved report that the finding is in.")
def command(named: str, report: str | None) -> int:
    """Explain a finding of a saved report by its id, or a sign by its pack and id, as codered2/root-exe.

    What it is, why, how sure, on which sources it rests, what is done about it.
    """
    from codered.authoring.explaining import explain_finding, explain_sign, find_sign
    from codered.cli.running import load_named_packs
    from codered.export.writing.escaping import legible
    from codered.export.writing.layout import wrap
    from codered.model.errors import WrongUse

    packs = load_named_packs()
    pack, _, sign = named.partition("/")
    if sign:
        found = find_sign(packs, pack, sign)
        if found is None:
            advice = f"`codered packs show {legible(pack)}` lists the signs of a pack"
            raise WrongUse("there is no such sign", where=named, advice=advice)
        told = list(explain_sign(*found))
    else:
        finding = _find(named, report)
        owner = find_sign(packs, finding.pack, finding.indicator)
        told = list(explain_finding(finding, *(owner or (None, None))))
    for label, text in told:
        for line in wrap(legible(text, 1000), first=f"{label + ':':<17}", rest=" " * 17):
            click.echo(line)
    return 0


def _find(named: str, report: str | None) -> "Finding":
    from pathlib import Path

    from codered.model.errors import WrongUse
    from codered.respond import read_report

    if not report:
        advice = "add --report REPORT.json, the report that it is in; or name a sign as PACK/SIGN"
        raise WrongUse("a finding is explained from its report", where=named, advice=advice)
    found = [item for item in read_report(Path(report)).findings if item.id.startswith(named)]
    if len(found) != 1:
        what = "several findings begin so" if found else "the report has no finding of this id"
        raise WrongUse(what, where=named, advice="the ids stand in the report: codered report REPORT.json --json")
    return found[0]
