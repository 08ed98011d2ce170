"""How operations are described: bodies and answers are msgspec nouns, which django-ninja knows nothing of."""

from http import HTTPStatus
from typing import Any, Final

import msgspec

from codered_hq.api.errors import MEDIA, Problem

PATH: Final = "api/v1/"
_REF = "#/components/schemas/{name}"
_BASE64 = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_ALWAYS = (401, 403, 429, 503)
_PROBLEM = {"content": {MEDIA: {"schema": {"$ref": _REF.format(name="Problem")}}}}
_nouns: set[type[msgspec.Struct]] = {Problem}

Nouns = dict[int, type[msgspec.Struct]]


def describe(
    name: str, answers: Nouns, problems: str, body: type[msgspec.Struct] | None = None, headers: tuple[Any, ...] = ()
) -> dict[str, Any]:
    """The arguments of an operation: its id, the nouns that it answers with, the statuses of its problems, the noun
    that it reads, further header parameters.
    """
    _nouns.update(answers.values(), filter(None, [body]))
    told: dict[Any, Any] = {
        status: {"description": HTTPStatus(status).phrase, **_show(noun)} for status, noun in answers.items()
    }
    for status in sorted({*_ALWAYS, *map(int, problems.split())}):
        told[status] = {"description": HTTPStatus(status).phrase, **_PROBLEM}
    extra: dict[str, Any] = {"responses": told}
    if headers:
        extra["parameters"] = list(headers)
    if body is not None:
        extra["requestBody"] = {"required": True, **_show(body)}
    return {"operation_id": name, "response": dict.fromkeys(answers), "openapi_extra": extra}


def header(name: str, what: str, pattern: str) -> dict[str, Any]:
    """A header that may be given."""
    schema = {"type": "string", "pattern": pattern}
    return {"in": "header", "name": name, "required": False, "description": what, "schema": schema}


def build_components() -> dict[str, Any]:
    """The schemas of all nouns, by name."""
    nouns = sorted(_nouns, key=lambda noun: noun.__name__)
    _, found = msgspec.json.schema_components(nouns, ref_template=_REF)
    _tell_base64(found)
    return found


def _show(noun: type[msgspec.Struct]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": _REF.format(name=noun.__name__)}}}}


def _tell_base64(node: object) -> None:
    """Say as a pattern what is base64: tools that make examples know no other way."""
    if isinstance(node, dict) and node.get("contentEncoding") == "base64":
        node["pattern"] = _BASE64
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _tell_base64(each)
