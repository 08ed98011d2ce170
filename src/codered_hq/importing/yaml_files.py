"""The YAML document of an inventory: zones, subnets, owners, scan_points, hosts, places. Written by hand, so strict: a
key that is not known, or stands twice, is refused with its line. The JSON that we write is read as well.
"""

from typing import Final

from codered.model.errors import WrongUse
from codered.packs.strict_yaml import Document, Mark, Plain, parse_document, shorten
from codered_hq.importing.harvest import Harvest
from codered_hq.importing.records import KINDS, add_record, field_names
from codered_hq.importing.source_files import SourceFile

MOST_BYTES: Final = 16 << 20  # 140,000 hosts; the strict reader keeps a line for each key


def is_yaml(lines: list[str]) -> bool:
    """Whether a key of the document starts a line (in JSON: stands in quotes)."""
    keys = tuple(f"{kind}:" for kind in KINDS)
    quoted = tuple(f'"{kind}":' for kind in KINDS)
    if lines and lines[0].startswith("{"):
        return any(line.lstrip("{ ").startswith(quoted) for line in lines[:10])
    return any(line.startswith(keys) for line in lines)


def read_yaml(source: SourceFile, harvest: Harvest) -> None:
    """Take the whole document. Raises WrongUse with the line."""
    document = parse_document(source.whole(MOST_BYTES), source.name, MOST_BYTES)
    if not isinstance(document.value, dict):
        raise WrongUse("not a mapping", where=source.name, advice=f"start with one of {', '.join(KINDS)}")
    for kind, entries in document.value.items():
        if kind not in KINDS:
            advice = f"known are {', '.join(KINDS)}"
            raise WrongUse(f"the unknown key `{shorten(kind)}`", where=document.place_of(kind), advice=advice)
        if entries == "":
            continue
        if not isinstance(entries, list):
            raise WrongUse(
                f"`{kind}` is not a list", where=document.place_of(kind), advice="start each entry with `- `"
            )
        marks = document.mark.inside[kind].inside
        for at, entry in enumerate(entries):
            _take(document, kind, entry, marks[at], harvest)


def _take(document: Document, kind: str, entry: Plain, mark: Mark, harvest: Harvest) -> None:
    place = f"{document.where}:{mark.line}"
    if not isinstance(entry, dict):
        raise WrongUse(f"an entry of `{kind}` is not a mapping", where=place, advice="write `- key: value`")
    known = field_names(kind)
    fields: dict[str, str | list[str]] = {}
    for name, value in entry.items():
        line = f"{document.where}:{mark.keys.get(name, mark.line)}"
        if name not in known:
            advice = f"{kind} have {', '.join(known)}"
            raise WrongUse(f"the unknown key `{shorten(name)}`", where=line, advice=advice)
        if isinstance(value, dict) or (isinstance(value, list) and not all(isinstance(v, str) for v in value)):
            raise WrongUse(f"`{name}` is neither a text nor a list of texts", where=line, advice="write it plain")
        fields[name] = value if isinstance(value, str) else [word for word in value if isinstance(word, str)]
    add_record(harvest, kind, fields, f"line {mark.line}")
