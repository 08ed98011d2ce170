"""An import as a pack's folder: written whole beside its place, checked, and moved there, or not at all."""

import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

import msgspec

from codered.model.errors import WrongUse
from codered.model.pack import ImportedSigns, LoadedPack
from codered.packs.generating import ID_SHAPE
from codered.packs.imported_signs import SIGNS_FILE
from codered.packs.importing.imported import Imported, tidy
from codered.packs.loading import PACK_FILE, RULES_FILE, load_pack
from codered.packs.rule_source import check_compiles
from codered.packs.strict_yaml import show_path

Kind = Literal["worm", "backdoor", "web-shell", "miner", "bot", "trojan"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MOST_NAMED = 300  # authors in pack.yaml; the rules name them all
MOST_LISTED = 2000  # lines of what was left behind, in the README
MOST_NAME = 40


class NewPack(msgspec.Struct, frozen=True):
    """How the pack is called and where it goes."""

    name: str
    kind: Kind
    sources: tuple[str, ...]
    folder: Path


def check_place(new: NewPack) -> None:
    """Before the work is done: raises WrongUse for a name that can't be one, and a folder that is there."""
    if not ID_SHAPE.fullmatch(new.name) or len(new.name) > MOST_NAME:
        advice = f"small letters, digits and dashes, at most {MOST_NAME}"
        raise WrongUse("can't be a pack's name", where=tidy(new.name, 60), advice=advice)
    if new.folder.absolute().name != new.name:
        raise WrongUse(
            "a pack's folder is called like the pack", where=str(new.folder), advice=f"end it in /{new.name}"
        )
    if os.path.lexists(new.folder):
        raise WrongUse("is there already", where=show_path(new.folder), advice="remove it, or choose another name")
    if not new.folder.absolute().parent.is_dir():
        raise WrongUse("no such folder", where=str(new.folder.absolute().parent), advice="create it first")


def write_pack(new: NewPack, imported: Imported) -> LoadedPack:
    """The pack as it lies on disk then. Raises WrongUse when it can't be written or would be no pack."""
    check_place(new)
    parent = new.folder.absolute().parent
    try:
        with tempfile.TemporaryDirectory(dir=parent, prefix=".codered-import-") as beside:
            draft = Path(beside) / new.name
            draft.mkdir()
            for name, text in _list_texts(new, imported).items():
                (draft / name).write_text(text, encoding="utf-8")
            check_compiles(load_pack(draft))
            check_place(new)
            draft.rename(new.folder)
    except OSError as error:
        advice = "nothing was left behind; make room or choose another folder"
        raise WrongUse(f"can't be written ({error.strerror})", where=show_path(new.folder), advice=advice) from None
    return load_pack(new.folder)


def _list_texts(new: NewPack, imported: Imported) -> dict[str, str]:
    signs = ImportedSigns(
        references=imported.references, content=imported.content, logs=imported.logs, traffic=imported.traffic
    )
    written = json.loads(msgspec.json.encode(signs))
    for part in written.values():
        for sign in part:
            for key in [key for key, value in sign.items() if value in ([], "", None)]:
                del sign[key]
    texts = {
        PACK_FILE: _write_identity(new, imported),
        SIGNS_FILE: json.dumps(written, indent=1, ensure_ascii=False) + "\n",
        "expected.json": "{}\n",
        "README.md": _write_page(new, imported),
    }
    return {**texts, RULES_FILE: imported.rules} if imported.rules.strip() else texts


def _write_identity(new: NewPack, imported: Imported) -> str:
    now = datetime.now(UTC)
    counts = _count(imported)
    source = tidy(", ".join(new.sources))
    summary = f"Rules of others, brought over: {counts}. They stand in {SIGNS_FILE} and {RULES_FILE}."
    authors = ", ".join(map(_quote, imported.authors[:MOST_NAMED]))
    return f"""format: 1
name: {new.name}
version: {now.year}.{now.month:02}.1
title: {_quote(f"Imported rules: {source}")}
kind: {new.kind}
summary: {_quote(summary)}
active: {{first_seen: '{now:%Y-%m-%d}', note: The day of the import; what the rules look for is older.}}
references:
  - {{id: origin, title: {_quote(source)}, grade: expert}}
origin:
  source: {_quote(source)}
  authors: [{authors}]
  licence: {_quote(tidy("; ".join(imported.licences), 1000))}
"""


def _count(imported: Imported) -> str:
    logs, traffic = len(imported.logs), len(imported.traffic)
    return f"{len(imported.content)} content rules, {logs} log and {traffic} traffic signs"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _write_page(new: NewPack, imported: Imported) -> str:
    """The page for people: whose rules these are, and what was left behind."""
    lines = [f"# {new.name}", "", f"Imported from {', '.join(map(tidy, new.sources))}.", ""]
    lines += [
        f"{imported.read} rules were read; {_count(imported)} came of them.",
        "Case does not matter in log and traffic signs.",
        "Content rules have no anchors and are tried on every file, which costs time.",
        "Nothing is removed by this pack alone: it has no removal steps.",
        "",
        "## Authors and licences",
        *(f"- {author}" for author in imported.authors),
        "",
        *(f"- licence: {licence}" for licence in imported.licences or ("none is named: ask the authors",)),
    ]
    for level, title in (("refused", "Not brought over"), ("note", "Not just as it was")):
        told = [str(item) for item in imported.left if item.level == level]
        lines += ["", f"## {title}: {len(told)}", *(f"- {line}" for line in told[:MOST_LISTED])]
    return "\n".join(lines) + "\n"
