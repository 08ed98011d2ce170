"""`codered packs try`: one file on packs, sign by sign."""

import rich_click as click

from codered.cli.options import as_json_option


@click.command("try")
@click.argument("file", metavar="FILE")
@click.option("--packs", "names", multiple=True, metavar="NAME|FOLDER", help="Only these (repeatable). Default: all.")
@click.option("--all", "everything", is_flag=True, help="Also signs of which nothing was found.")
@as_json_option
def command(file: str, names: tuple[str, ...], everything: bool, as_json: bool) -> int:
    """Try a file on packs: what of each sign is there, what is missing, and what a scan says of it.

    The answer is 1 when a scan has something to say, else 0.
    """
    import msgspec

    from codered.authoring.trying import read_sample, try_sample
    from codered.cli import output, running
    from codered.cli.packs.choosing import load_chosen
    from codered.export.writing.escaping import legible
    from codered.packs.compiling import compile_packs
    from codered.packs.rule_source import parse_pack

    sample = read_sample(file)
    packs = load_chosen(names)
    parsed = tuple(map(parse_pack, packs))
    tried = [item for item in try_sample(sample, parsed) if everything or _is_near(item.found, item.told, bool(names))]
    report = running.run_scan(running.choose_target((file,), None, ()), compile_packs(packs, running.cache_folder()))
    if as_json:
        rows = {"signs": [item._asdict() for item in tried], "findings": report.findings}
        click.echo(msgspec.json.format(msgspec.json.encode(rows)).decode())
        return output.exit_code_of(report)
    click.echo(f"{legible(file)}: {sample.size:,} bytes, {'text' if sample.text else 'binary'}")
    for item in tried:
        mark = "found  " if item.found else "partly "
        click.echo(f"  {mark} {item.pack}/{item.sign} ({item.layer}): {legible('; '.join(item.told), 2000)}")
    if not tried:
        click.echo("  nothing of any sign is in it; --all lists them")
    for finding in report.findings:
        click.echo(f"a scan says: {finding.confidence} {finding.pack}/{finding.indicator}: {legible(finding.because)}")
    if not report.findings:
        click.echo("a scan says: nothing")
    return output.exit_code_of(report)


def _is_near(found: bool, told: tuple[str, ...], named: bool) -> bool:
    """Whether at least a part of the sign was there; half a request counts for packs that were named only."""
    return found or any(" at byte " in one or (named and "a literal of it" in one) for one in told)
