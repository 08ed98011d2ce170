"""`codered packs sources`: whom packs are taken from."""

from pathlib import Path

import rich_click as click

from codered.cli.options import as_json_option


@click.group("sources")
def command() -> None:
    """Whom packs are taken from. Without a source nothing is ever contacted."""


@command.command("add")
@click.argument("name")
@click.argument("place", metavar="URL|FOLDER")
@click.option("--root", required=True, metavar="ROOT.json", help="The publisher's root, got in a way you trust.")
@click.option("--may-replace", is_flag=True, help="Its packs may stand in for those shipped with the tool.")
def add(name: str, place: str, root: str, may_replace: bool) -> int:
    """Take packs from this repository from now on: NAME is what you call it."""
    from codered.cli.output import say
    from codered.cli.packs.judging import updates_part
    from codered.cli.packs.update_work import updates_home

    with updates_part():
        from codered.packs.updating.sources import add_source
    source = add_source(updates_home(), name, place, Path(root), may_replace=may_replace)
    say(f"codered: {source.name}: {source.place}, trusted by the root {source.root_sha256}")
    say("codered: compare this SHA-256 with what the publisher tells you; then: codered packs update")
    return 0


@command.command("list")
@as_json_option
def list_all(as_json: bool) -> int:
    """List the sources, a line each."""
    import msgspec

    from codered.cli.output import say, show
    from codered.cli.packs.judging import updates_part
    from codered.cli.packs.update_work import updates_home
    from codered.export.writing.escaping import printable

    with updates_part():
        from codered.packs.updating.sources import list_sources
    sources = list_sources(updates_home())
    if as_json:
        show(msgspec.json.format(msgspec.json.encode(sources)).decode() + "\n")
        return 0
    for source in sources:
        may = "  may replace shipped packs" if source.may_replace else ""
        show(printable(f"{source.name}  {source.place}  root {source.root_sha256}{may}") + "\n")
    if not sources:
        say("codered: no source: nothing is contacted; codered packs sources add NAME URL|FOLDER --root ROOT.json")
    return 0


@command.command("remove")
@click.argument("name")
def remove(name: str) -> int:
    """Take nothing from it any more. The packs in use stay until the next update."""
    from codered.cli.output import say
    from codered.cli.packs.judging import updates_part
    from codered.cli.packs.update_work import updates_home

    with updates_part():
        from codered.packs.updating.sources import remove_source
    remove_source(updates_home(), name)
    say(f"codered: {name} is no source any more; its packs stay until the next update, or go back: update --back")
    return 0
