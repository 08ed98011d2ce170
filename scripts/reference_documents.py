"""The page of the documents that the tool reads and writes: from their schemas."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.reference_texts import MADE, TEXTS, UNSAID
from scripts.reference_words import escape

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "schemas"
_ENDING = ".schema.json"
Schema = dict[str, Any]


def list_documents() -> tuple[str, ...]:
    """The names of the schemas, sorted."""
    return tuple(sorted(path.name.removesuffix(_ENDING) for path in FOLDER.glob(f"*{_ENDING}")))


def write_page() -> str:
    """docs/reference/schemas.md."""
    lines = [
        MADE,
        "# Documents and their schemas",
        "",
        "What `--json` prints, and what is kept in files, as JSON Schema (draft 2020-12). Times are RFC 3339, bytes",
        "are base64. `format` says which document it is: a new field may come with any release; if one goes or means",
        "something else, that is a new number. The console's API is described by [OpenAPI](../schemas/openapi.json)",
        "([the API](../api.md)).",
        "",
    ]
    for name in list_documents():
        schema: Schema = json.loads((FOLDER / f"{name}{_ENDING}").read_text("utf-8"))
        lines += [
            f"## {name}",
            "",
            f"{escape(schema['title'])}.",
            "",
            f"- Written by: {escape(TEXTS.writers.get(name, UNSAID))}",
        ]
        lines += [f"- Schema: [{name}{_ENDING}](../schemas/{name}{_ENDING})", *_list_fields(schema), ""]
    return "\n".join(lines[:-1]) + "\n"


def _list_fields(schema: Schema) -> Iterator[str]:
    noun = _open(schema, schema)
    if "anyOf" in noun:  # a noun of several kinds, told apart by a field
        noun = _open(schema, noun["anyOf"][0])
    needed = noun.get("required", ())
    for field, kind in noun["properties"].items():
        must = "" if field in needed else ", may be missing"
        yield f"- `{field}` ({_name_type(schema, kind)}{must})"


def _open(schema: Schema, part: Schema) -> Schema:
    """A part of a schema, or the definition that it refers to."""
    reference: str = part.get("$ref", "")
    found: Schema = schema["$defs"][reference.rpartition("/")[2]] if reference else part
    return found


def _name_type(schema: Schema, kind: Schema) -> str:
    """In words, with the names of nouns as the schema has them."""
    if "$ref" in kind:
        return f"`{kind['$ref'].rpartition('/')[2]}`"
    if "enum" in kind:
        return " or ".join(f"`{json.dumps(one)}`" for one in kind["enum"])
    if "anyOf" in kind:
        return " or ".join(dict.fromkeys(_name_type(schema, one) for one in kind["anyOf"]))
    if kind.get("type") == "array":
        return f"list of {_name_type(schema, kind['items'])}" if kind.get("items") else "list"
    if kind.get("type") == "object":
        values = kind.get("additionalProperties")
        return f"table of {_name_type(schema, values)}" if isinstance(values, dict) and values else "table"
    form = {"date-time": "time", "byte": "bytes"}.get(kind.get("format") or kind.get("contentEncoding", ""), "")
    return form or {"string": "text", "null": "nothing"}.get(str(kind.get("type")), str(kind.get("type", "anything")))
