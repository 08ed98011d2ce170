"""`codered packs import`: rules of other tools as a pack."""

from typing import TYPE_CHECKING, Any, NamedTuple

import rich_click as click

from codered.cli.options import as_json_option

if TYPE_CHECKING:
    from codered.model.finding import Confidence
    from codered.packs.importing.imported import Imported
    from codered.packs.importing.pack_writing import Kind

KINDS = ("worm", "backdoor", "web-shell", "miner", "bot", "trojan")


class ImportOptions(NamedTuple):
    """What the user asked `codered packs import` for."""

    paths: tuple[str, ...]
    name: str
    into: str | None
    kind: "Kind"
    most: "Confidence"
    as_json: bool


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="FILE|FOLDER...")
@click.option("--name", required=True, help="What the pack is called: small letters, digits, dashes.")
@click.option("--into", metavar="DIR", help="The pack's folder, which must not be there yet. Default: ./NAME.")
@click.option("--kind", type=click.Choice(KINDS), default="trojan", show_default=True, help="What the rules look for.")
@click.option(
    "--confidence",
    "most",
    type=click.Choice(("confirmed", "likely", "suspicious")),
    default="likely",
    show_default=True,
    help="What an imported sign says at most.",
)
@as_json_option
def command(**given: Any) -> int:
    """Bring YARA (.yar), Sigma (.yml) or Suricata and Snort (.rules) rules over as a pack.

    What can't be brought over is named with the reason. Authors, licences and references are kept. Then:
    codered packs lint DIR, and codered scan --packs DIR.
    """
    from pathlib import Path

    import msgspec

    from codered.cli.output import say
    from codered.packs.importing.choosing_files import choose_files
    from codered.packs.importing.gathering import import_files, join
    from codered.packs.importing.pack_writing import NewPack, check_place, write_pack
    from codered.packs.strict_yaml import show_path

    asked = ImportOptions(**given)
    sources = tuple(Path(path).name or path for path in asked.paths)
    new = NewPack(asked.name, asked.kind, sources, Path(asked.into or asked.name))
    check_place(new)
    made = import_files(tuple(choose_files(path) for path in dict.fromkeys(asked.paths)), asked.most)
    together = join(made)
    loaded = write_pack(new, together)
    if asked.as_json:
        document = {
            "pack": loaded.pack.name,
            "folder": loaded.folder,
            "read": together.read,
            "content": len(together.content),
            "logs": len(together.logs),
            "traffic": len(together.traffic),
            "left": together.left,
        }
        click.echo(msgspec.json.format(msgspec.json.encode(document)).decode())
        return 0
    for form, part in made.items():
        _show(form, part)
    say(f"codered: {show_path(new.folder)} is a pack; check it: codered packs lint {show_path(new.folder)}")
    return 0


def _show(form: str, part: "Imported") -> None:
    """What came of one form: a line for all, then a line for each rule that is not as it was."""
    from codered.export.writing.escaping import printable

    refused = sum(item.level == "refused" and item.is_rule for item in part.left)
    signs = len(part.content) + len(part.logs) + len(part.traffic)
    click.echo(f"{form}: {part.read} rules read, {signs} signs made, {refused} refused")
    for item in part.left:
        click.echo(printable(f"  {item.level}: {item}"))
