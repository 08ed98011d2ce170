"""The page of what can be set: each key of headquarters.toml, and each CODERED_ variable of the environment."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from codered_hq.config import Config
from scripts.reference_texts import MADE, TEXTS, UNSAID

ROOT = Path(__file__).resolve().parent.parent
READ_IN = ("src", "lab", "scripts", "codered")
_VARIABLE = re.compile(r"\bCODERED_[A-Z][A-Z_]*\b")


def list_sections() -> dict[str, tuple[msgspec.inspect.Field, ...]]:
    """Section as headquarters.toml has it ("" = its top) -> its keys, from the code."""
    info = msgspec.inspect.type_info(Config)
    assert isinstance(info, msgspec.inspect.StructType)
    sections: dict[str, tuple[msgspec.inspect.Field, ...]] = {"": ()}
    for field in info.fields:
        kind = field.type
        if isinstance(kind, msgspec.inspect.StructType):
            sections[f"[{field.encode_name}]"] = kind.fields
        elif isinstance(kind, msgspec.inspect.VarTupleType) and isinstance(kind.item_type, msgspec.inspect.StructType):
            sections[f"[[{field.encode_name}]]"] = kind.item_type.fields
        else:
            sections[""] = (*sections[""], field)
    return sections


def find_variables() -> set[str]:
    """Every variable of ours that a program names."""
    return {name for path in _list_texts() for name in _VARIABLE.findall(path.read_text("utf-8", errors="replace"))}


def _list_texts() -> Iterator[Path]:
    for name in READ_IN:
        place = ROOT / name
        files = [place] if place.is_file() else sorted(place.rglob("*"))
        yield from (one for one in files if one.suffix in (".py", ".sh", ".html", "") and one.is_file())


def write_page() -> str:
    """docs/reference/configuration.md."""
    lines = [MADE, "# Configuration", "", "Everything has a default; nothing need be set to look at a host.", ""]
    lines += ["## The environment", ""]
    for title, variables in TEXTS.variables.items():
        lines += [f"### {title}", "", *(f"- `{name}`: {text}" for name, text in variables.items()), ""]
    lines += [
        "## headquarters.toml",
        "",
        "In the folder of headquarters (`CODERED_HQ`); optional. An unknown key is refused (exit 2), and so is a file",
        "that holds secrets and that others may read. Examples: [headquarters](../headquarters.md),",
        "[incident](../incident.md).",
        "",
    ]
    for section, fields in list_sections().items():
        lines += [f"### {section.strip('[]') or 'At the top'}", ""]
        if section:
            many = ", once for each" if section.startswith("[[") else ""
            lines += [f"Below `{section}`{many}:", ""]
        lines += [
            f"- `{one.encode_name}` ({_tell(one)}): {TEXTS.keys[section].get(one.encode_name, UNSAID)}"
            for one in fields
        ]
        lines.append("")
    lines += [
        "## Other files",
        "",
        "- `/etc/codered/allow.yaml`: what you vouch for ([allow-list](../allow-list.md)).",
        "- `/etc/codered/trust.toml`: whose orders a host obeys ([headquarters](../headquarters.md)).",
        "- `/etc/codered/trusted/*.pub`: keys whose baselines are believed ([known good](../known-good.md)).",
        "- `/etc/codered/advisories/`: OSV files to judge installed software by ([known good](../known-good.md)).",
    ]
    return "\n".join(lines) + "\n"


def _tell(field: msgspec.inspect.Field) -> str:
    """Its type, and its default or that it must be given."""
    if field.required:
        return f"{_name_type(field.type)}, must be given"
    default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    shown = msgspec.json.encode(default).decode()
    return f"{_name_type(field.type)}, default `{shown}`"


def _name_type(kind: msgspec.inspect.Type) -> str:
    if isinstance(kind, msgspec.inspect.LiteralType):
        return " or ".join(f'`"{one}"`' for one in kind.values)
    if isinstance(kind, msgspec.inspect.VarTupleType):
        return f"list of {_name_type(kind.item_type)}s"
    names: Mapping[type[msgspec.inspect.Type], str] = {
        msgspec.inspect.StrType: "text",
        msgspec.inspect.IntType: "number",
        msgspec.inspect.FloatType: "number",
        msgspec.inspect.BoolType: "true or false",
        msgspec.inspect.DictType: "table",
    }
    return names[type(kind)]
