"""The work of `codered packs export`: packs read, written in each form, and told what a form can't say."""

import os
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import msgspec

from codered.cli.output import say, show
from codered.cli.packs.choosing import load_chosen
from codered.cli.packs.folder_writing import write_files
from codered.export.indicators.blocklists import block_attackers
from codered.export.indicators.exported import Export, ExportFile, Form
from codered.export.indicators.forms import FORMS
from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse
from codered.model.pack import LoadedPack
from codered.model.report import Report
from codered.model.rule import ParsedPack

LEFT_OUT = "left-out.json"
NEED_STRINGS = ("clamav", "suricata", "snort")


class Wanted(NamedTuple):
    """What the user asked for; no names = all packs, no forms = all."""

    names: tuple[str, ...]
    forms: tuple[str, ...]
    folder: str
    report: str | None = None
    force: bool = False
    as_json: bool = False


def export_packs(wanted: Wanted) -> int:
    """Write the packs in each form. Raises WrongUse, with nothing written, for a form, pack, report or folder that
    can't be.
    """
    forms = _choose_forms(wanted.forms)
    report = _read_report(wanted.report) if wanted.report else None
    if report is not None and "blocklists" not in {form.name for form in forms}:
        raise WrongUse("--report is for blocklists", advice="add --as blocklists")
    packs = _parse_packs(wanted.names, forms)
    exports = {form.name: _make(form, packs, report) for form in forms}
    files = [ExportFile(f"{name}/{file.name}", file.data) for name, made in exports.items() for file in made.files]
    files.append(ExportFile(LEFT_OUT, _list_left_out(exports)))
    folder = Path(wanted.folder)
    _check_folder(folder, {file.name for file in files}, wanted.force)
    write_files(folder, files)
    show(_tell_as_json(forms, exports) if wanted.as_json else _tell_as_text(forms, exports, folder))
    missing = sum(len(made.left_out) for made in exports.values())
    say(f"{len(packs)} packs, {len(files)} files; {missing} signs are left out, with reasons: {folder / LEFT_OUT}")
    return ExitCode.CLEAN


def _read_report(path: str) -> Report:
    from codered.respond import read_report

    return read_report(Path(path))


def _choose_forms(names: tuple[str, ...]) -> tuple[Form, ...]:
    for name in names:
        if name not in FORMS:
            raise WrongUse(f"no form is called {name!r}", where="--as", advice=f"the forms are {', '.join(FORMS)}")
    return tuple(form for name, form in FORMS.items() if not names or name in names)


def _parse_packs(names: tuple[str, ...], forms: tuple[Form, ...]) -> tuple[ParsedPack, ...]:
    """The packs by name, each once, with rules that the engine takes."""
    loaded = sorted(load_chosen(names), key=lambda one: one.pack.name)
    named = Counter(one.pack.name for one in loaded)
    if twin := next((name for name, count in named.items() if count > 1), None):
        raise WrongUse(f"two packs are called {twin!r}", advice="name one of the two folders")
    whole = any(form.name in NEED_STRINGS for form in forms)
    return tuple(_parse(one, whole=whole) for one in loaded)


def _parse(one: LoadedPack, *, whole: bool) -> ParsedPack:
    """The strings of an imported pack are read only for forms that need them: thousands of rules take minutes."""
    try:
        from codered.packs import rule_source
    except ImportError:
        raise WrongUse("the reader of rules (plyara) is not installed", advice="install codered whole") from None
    if not one.rules.strip():
        return ParsedPack(one, ())
    known = rule_source.read_rules(one)
    if one.pack.origin is None or not whole:
        return rule_source.hold_rules(one, known)
    say(f"{one.pack.name}: reading the strings of {len(known)} rules for {' and '.join(NEED_STRINGS)}")
    try:
        return rule_source.parse_pack(one)
    except WrongUse as error:
        say(f"{one.pack.name}: its strings can't be read: {error}")
        return rule_source.hold_rules(one, known)


def _make(form: Form, packs: tuple[ParsedPack, ...], report: Report | None) -> Export:
    return block_attackers(packs, report) if report is not None and form.name == "blocklists" else form.make(packs)


def _list_left_out(exports: dict[str, Export]) -> bytes:
    listed = {name: [one._asdict() for one in made.left_out] for name, made in exports.items()}
    return msgspec.json.format(msgspec.json.encode(listed)) + b"\n"


def _check_folder(folder: Path, names: set[str], force: bool) -> None:
    """Raises WrongUse for a folder that is a link or (without force) holds what this export would not write."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        what = "is a link" if folder.is_symlink() else "is no folder"
        raise WrongUse(what, where=str(folder), advice="name a new folder")
    known = {parent.as_posix() for name in names for parent in Path(name).parents} | names
    for place, folders, files in os.walk(folder, onerror=_refuse) if folder.exists() else ():
        for path in (Path(place) / name for name in (*folders, *files)):
            if path.is_symlink():
                raise WrongUse("is a link", where=str(path), advice="remove it, or name a new folder")
            if not force and path.relative_to(folder).as_posix() not in known:
                advice = "name a new folder, or add --force"
                raise WrongUse("is none of the export's files", where=str(path), advice=advice)


def _refuse(error: OSError) -> None:
    raise WrongUse(error.strerror or str(error), where=str(error.filename), advice="name a new folder") from None


def _tell_as_text(forms: tuple[Form, ...], exports: dict[str, Export], folder: Path) -> str:
    """A line a file; for each form how far it was checked, and what it leaves out by reason."""
    lines = []
    for form in forms:
        made = exports[form.name]
        checked = f"validated by {form.checked_with}" if form.checked_with else "NOT VALIDATED: no engine could be had"
        lines.append(f"{form.title} ({checked})")
        lines += [f"  {folder / form.name / file.name}  {len(file.data)} bytes" for file in made.files]
        if not made.files:
            lines.append("  nothing to write")
        reasons = Counter(one.why for one in made.left_out)
        lines += [f"  left out: {count:>4}  {why}" for why, count in reasons.most_common()]
    return "".join(f"{printable(line)}\n" for line in lines)


def _tell_as_json(forms: tuple[Form, ...], exports: dict[str, Export]) -> str:
    told = [
        {
            "form": form.name,
            "title": form.title,
            "validated_by": form.checked_with,
            "files": [f"{form.name}/{file.name}" for file in exports[form.name].files],
            "left_out": [one._asdict() for one in exports[form.name].left_out],
        }
        for form in forms
    ]
    return msgspec.json.format(msgspec.json.encode(told)).decode() + "\n"
