"""`codered packs new`: a working pack drafted from samples, log lines, captures or memory."""

from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import rich_click as click

from codered.authoring.orders import Draft, DraftOrder, Goodware, Source, SourceKind, ThreatKind
from codered.cli.options import as_json_option

MOST_SHOWN = 60  # choices on the terminal; README.md of the pack has all


@click.command("new")
@click.argument("name")
@click.option("--from", "samples", multiple=True, metavar="FILE|DIR", help="What shows the threat (repeatable).")
@click.option("--sample", multiple=True, metavar="FILE", help="The same, as a sample whatever it looks like.")
@click.option("--log", multiple=True, metavar="FILE", help="The same, as lines of a web log.")
@click.option("--capture", multiple=True, metavar="FILE", help="The same, as captured traffic.")
@click.option("--memory", multiple=True, metavar="FILE", help="The same, as a memory dump or raw memory.")
@click.option("--clean", multiple=True, metavar="FILE|DIR", help="Files that are not the threat (repeatable).")
@click.option("--into", default=".", metavar="DIR", help="Where the pack's folder goes. Default: here.")
@click.option(
    "--kind", type=click.Choice(get_args(ThreatKind)), default="worm", show_default=True, help="What the threat is."
)
@click.option("--title", default="", help="Its name for people.")
@click.option("--no-goodware", is_flag=True, help="Don't compare with the installed packages (20 s, the first time).")
@as_json_option
def command(**options: str | bool | tuple[str, ...]) -> int:
    """Draft a pack from what shows a threat: it lints, finds its own inert examples, and says why it is as it is.

    No part of a sample gets into the pack but the strings that were chosen. Read README.md of the pack before you
    publish it.
    """
    from codered.authoring.drafting import draft_pack
    from codered.authoring.placing import check_place, place_draft
    from codered.cli.packs.choosing import load_chosen
    from codered.cli.stages import show_stages
    from codered.model.errors import WrongUse

    into = Path(str(options["into"]))
    sources = tuple(_list_sources(options))
    if not sources:
        raise WrongUse("nothing to draft from", advice="give samples, logs, captures or memory with --from")
    name = str(options["name"])
    check_place(into, name)
    order = DraftOrder(
        name=name,
        sources=sources,
        goodware=_open_goodware(not options["no_goodware"]),
        today=datetime.now(UTC).date(),
        clean=_as_tuple(options["clean"]),
        title=str(options["title"]),
        kind=next(kind for kind in get_args(ThreatKind) if kind == options["kind"]),
        neighbours=load_chosen(()),
    )
    with show_stages() as tell:
        draft = draft_pack(order, tell)
    _show(draft, place_draft(draft, into), bool(options["as_json"]))
    return 0


def _list_sources(options: dict[str, str | bool | tuple[str, ...]]) -> list[Source]:
    words: tuple[tuple[str, SourceKind], ...] = (
        ("samples", "auto"), ("sample", "sample"), ("log", "log"), ("capture", "capture"), ("memory", "memory"),
    )  # fmt: skip
    return [Source(path, kind) for word, kind in words for path in _as_tuple(options[word])]


def _as_tuple(value: str | bool | tuple[str, ...]) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _open_goodware(wanted: bool) -> Goodware:
    from codered.authoring.goodware import Nothing, open_index
    from codered.cli import output, running
    from codered.targets import open_target

    if not wanted:
        return Nothing()
    return open_index(running.cache_folder(), open_target("/"), output.say)


def _show(draft: Draft, place: Path, as_json: bool) -> None:
    import msgspec

    from codered.export.writing.escaping import printable

    if as_json:
        rows = {"folder": str(place), "files": sorted(draft.files), "choices": draft.choices}
        click.echo(msgspec.json.format(msgspec.json.encode(rows)).decode())
        return
    for choice in draft.choices[:MOST_SHOWN]:
        click.echo(printable(f"{choice.part}: {choice.what} ({choice.why})"))
    if len(draft.choices) > MOST_SHOWN:
        click.echo(f"and {len(draft.choices) - MOST_SHOWN} more in README.md")
    shown = printable(str(place))
    click.echo(f"drafted {shown}: {len(draft.files)} files. Read its README.md, then: codered packs test {shown}")
