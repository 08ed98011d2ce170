"""Report -> JSON and back. One document that validates against docs/schemas/report.schema.json."""

import re
from typing import Any

import msgspec

from codered.export.writing.escaping import is_visible, legible
from codered.model.errors import WrongUse
from codered.model.report import REPORT_FORMAT, Report

_ADVICE = "give the file that codered scan --json wrote"
_ODD = re.compile(r"[^\n -~]")


class _Head(msgspec.Struct):
    """Only the field that says what the rest is."""

    format: str = ""


def render_json(report: Report) -> str:
    """The report as JSON: see `render_document`."""
    return render_document(report)


def render_document(value: msgspec.Struct) -> str:
    """A document as JSON, indented by 2, fields in the model's order.

    Characters that a terminal or an editor would obey or hide (controls, bidi, U+2028) stand as \\uXXXX, so `cat` of
    a report is safe; the values are unchanged.
    """
    try:
        body = msgspec.json.encode(value)
    except UnicodeEncodeError:
        # A lone surrogate (an argument that was not UTF-8) has no JSON form: show it as \udcNN, do not lose the report.
        body = msgspec.json.encode(_mend(msgspec.to_builtins(value)))
    return _ODD.sub(_escape_odd, msgspec.json.format(body, indent=2).decode()) + "\n"


def read_report(data: bytes, *, where: str = "") -> Report:
    """The report in this JSON document; `where` names it in the error. Raises WrongUse when it is none, or of another
    format or version.
    """
    place = legible(where, 300)
    try:
        found = msgspec.json.decode(data, type=_Head).format
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise WrongUse("this is not a report of codered", where=place, advice=_ADVICE) from None
    if found != REPORT_FORMAT:
        what = f'its format is "{legible(found, 60)}"' if found else "it names no format"
        raise WrongUse(f"{what}, this version reads {REPORT_FORMAT}", where=place, advice=_ADVICE)
    try:
        return msgspec.json.decode(data, type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WrongUse(f"the report is damaged: {legible(str(error), 200)}", where=place, advice=_ADVICE) from None


def _escape_odd(match: re.Match[str]) -> str:
    character = match[0]
    if is_visible(character):
        return character
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def _mend(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {_mend(key): _mend(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mend(each) for each in value]
    return value
