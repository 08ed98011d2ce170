"""`codered rules show` and `card`: rules as they were written, and on one page."""

import os
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from codered.cli.output import check_place, say, show
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered_hq.cli.rules_choosing import Chosen, choose_rules
from codered_hq.rules.card_pages import make_card_pdf
from codered_hq.rules.cards import make_card, render_card
from codered_hq.rules.reading import read_rules
from codered_hq.rules.samples import SAMPLE_NAME, read_sample


def show_rules(given: dict[str, Any]) -> int:
    """Print rules as they stand in their file, or as one JSON document."""
    if given["sample"] and given["file"]:
        raise WrongUse("a file and --sample", where="codered rules show", advice="give one of the two")
    if given["sample"]:
        raw = read_sample()
        chosen = Chosen(read_rules(raw, SAMPLE_NAME), raw)
    else:
        chosen = choose_rules(given["file"])
    if given["as_json"]:
        show(msgspec.json.encode(chosen.book).decode() + "\n")
    else:
        show("".join(printable(line) + "\n" for line in chosen.raw.decode().splitlines()))
    return ExitCode.CLEAN


def show_card(given: dict[str, Any]) -> int:
    """Print the card, or write it as a PDF."""
    path = given["output"]
    if path:
        if not path.lower().endswith(".pdf"):
            raise WrongUse("the card is written as a PDF", where=path, advice="name a file that ends in .pdf")
        check_place(path)
    card = make_card(choose_rules(given["file"]).book)
    if path:
        _write_bytes(Path(path), make_card_pdf(card))
        say(f"codered: wrote {path}")
    else:
        show("".join(printable(line) + "\n" for line in render_card(card).splitlines()))
    return ExitCode.CLEAN


def _write_bytes(path: Path, body: bytes) -> None:
    """Whole or not at all, like `write_whole` for texts."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".codered-")
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        what = f"can't be written: {error.strerror}"
        raise WrongUse(what, where=str(path), advice="choose a folder that you can write to") from None
