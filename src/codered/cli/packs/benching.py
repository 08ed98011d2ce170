"""`codered packs bench`: what each rule costs."""

import rich_click as click

from codered.cli.options import as_json_option

USUAL_TREES = ("/usr/share", "/usr/lib", "/usr/bin")


@click.command("bench")
@click.argument("names", nargs=-1, metavar="[NAME|FOLDER]...")
@click.option("--tree", "trees", multiple=True, metavar="DIR", help="Ordinary files to measure on. Default: /usr.")
@as_json_option
def command(names: tuple[str, ...], trees: tuple[str, ...], as_json: bool) -> int:
    """Measure what each rule and log pattern costs, and warn of slow ones. Default: all packs.

    On up to 64 MB of ordinary files, beside one plain literal in the same run, and on a buffer made to be slow for the
    rule. The answer is 1 when a rule is slow.
    """
    from pathlib import Path

    import msgspec

    from codered.authoring.benching import measure_pack, read_corpus
    from codered.cli.output import say
    from codered.cli.packs.choosing import load_chosen
    from codered.packs.rule_source import parse_pack

    corpus = read_corpus(tuple(Path(tree) for tree in trees or USUAL_TREES))
    say(f"codered: measuring on {len(corpus.files):,} files, {corpus.size / 1e6:.0f} MB")
    rows = []
    if not as_json:
        head = ("pack", "rule", "ms/100 MB", "x literal", "hostile MB/s", "hits")
        click.echo(f"{head[0]:<20}{head[1]:<34}{head[2]:>10}{head[3]:>11}{head[4]:>14}{head[5]:>6}")
    for loaded in load_chosen(names):
        for cost in measure_pack(parse_pack(loaded), corpus):
            rows.append({"pack": loaded.pack.name, **cost._asdict(), "slow": cost.is_slow()})
            if not as_json:
                mark = "  SLOW" if cost.is_slow() else ""
                mark += f": gave up after {cost.gave_up:,.0f} s" if cost.gave_up else ""
                hostile = f"{cost.hostile:,.0f}" if cost.hostile < 1e9 else "-"
                click.echo(
                    f"{loaded.pack.name[:19]:<20}{cost.rule[:33]:<34}{cost.milliseconds:>10,.0f}{cost.ratio:>11.1f}"
                    f"{hostile:>14}{cost.hits:>6}{mark}"
                )
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(rows)).decode())
    slow = sum(bool(row["slow"]) for row in rows)
    if slow and not as_json:
        click.echo(f"{slow} slow: give them longer literals, or bound what is repeated (docs/pack-format.md)")
    return 1 if slow else 0
