"""`codered packs update`: newer packs from the configured sources, and back."""

import rich_click as click

from codered.cli.options import as_json_option


@click.command("update")
@click.argument("name", required=False, default="", metavar="[NAME]")
@click.option("--from", "place", default="", metavar="FOLDER", help="The source's repository lies here now: a stick.")
@click.option("--check", is_flag=True, help="Only look what there is: 1 if there is something new.")
@click.option("--back", is_flag=True, help="Go back to the packs before the last update.")
@click.option("--again", is_flag=True, help="Take the packs that somebody went back from.")
@as_json_option
def command(name: str, place: str, check: bool, as_json: bool, **more: bool) -> int:
    """Bring the packs of the configured sources up to date (NAME: only of this one). They are verified and tried before
    they are used; if anything is wrong the packs in use stay.
    """
    from codered.cli.packs import update_work

    if more["back"]:
        return update_work.go_back(as_json=as_json, alone=not (name or place or check or more["again"]))
    return update_work.update(update_work.Asked(name, place, check, more["again"], as_json))
