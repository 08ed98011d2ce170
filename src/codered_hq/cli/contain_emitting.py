"""`codered contain block --emit`: texts for DNS, DHCP, proxies and routers of others. Nothing is changed."""

import uuid
from pathlib import Path
from typing import Any

import msgspec

from codered.cli.output import say, show, write_whole
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered_hq.containment.emitting import Emitted, check_blocked, emit_block, list_forms

FORMAT = "codered/blocks/1"


class Blocks(msgspec.Struct, frozen=True, kw_only=True):
    """`--json`."""

    blocks: tuple[Emitted, ...]
    format: str = FORMAT


def emit(networks: tuple[str, ...], given: dict[str, Any]) -> int:
    """Show or write them: 0, or 3 if one can't cover all that was named. Raises WrongUse."""
    if not given["emit"]:
        raise WrongUse("names and MACs are blocked by other devices", where="--emit", advice=", ".join(list_forms()))
    blocked = check_blocked(given["names"], networks, given["macs"])
    label = uuid.uuid4().hex[:8]
    forms = dict.fromkeys(filter(None, given["emit"].replace(",", " ").split()))
    made = tuple(one for form in forms for one in emit_block(form, blocked, label))
    if given["output"]:
        _write(Path(given["output"]), made)
    elif given["as_json"]:
        show(msgspec.json.format(msgspec.json.encode(Blocks(blocks=made))).decode() + "\n")
    else:
        show("\n".join(f"### {one.file}\n{one.text}\n### taken back: {one.undo}\n" for one in made))
    notes = [f"{one.form}: {note}" for one in made for note in one.notes]
    for note in notes:
        say(f"codered: {printable(note)}")
    return ExitCode.INCOMPLETE if any("NOT covered" in note for note in notes) else ExitCode.CLEAN


def _write(folder: Path, made: tuple[Emitted, ...]) -> None:
    """Each text, and its way back beside it; nothing that is there is written over."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise WrongUse(error.strerror or "can't be made", where=str(folder), advice="name another folder") from None
    for one in made:
        for name, text in ((one.file, one.text), (f"{one.file}.undo", one.undo.rstrip("\n") + "\n")):
            if (folder / name).exists():
                raise WrongUse("is there already", where=str(folder / name), advice="name an empty folder")
            write_whole(str(folder / name), text)
    say(f"codered: {len(made)} blocks written to {folder}, each with its .undo beside it")
