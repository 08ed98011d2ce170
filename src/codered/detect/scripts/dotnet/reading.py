"""Reads ASP.NET: C#, VB and JScript in pages, handlers and web services."""

import re
from collections.abc import Iterator

import msgspec

from codered.detect.scripts.asp.pages import Part, find_page_language, find_parts
from codered.detect.scripts.asp.whole import find_stylesheets, judge_size
from codered.detect.scripts.facts import Fact, Script
from codered.detect.scripts.flows.grammar import Grammar, load_grammar
from codered.detect.scripts.flows.telling import tell_facts
from codered.detect.scripts.flows.tokens import Token, read_tokens

MOST_CONTROLS = 500
_WHOLE = re.compile(r"<%\s*@\s*(?:webhandler|webservice|servicehost)\b[^%]{0,600}%>", re.IGNORECASE)
_CONTROL = re.compile(r"<(?:asp:(?P<kind>\w{1,30})|input|textarea|select)\b(?P<attributes>[^>]{0,600})>", re.IGNORECASE)
_ID = re.compile(r"\bid\s*=\s*[\"']?(\w{1,60})", re.IGNORECASE)
_TYPED = frozenset(
    ("textbox", "hiddenfield", "dropdownlist", "listbox", "radiobuttonlist", "fileupload", "", "htmlinput")
)
_ESCAPED_NAME = re.compile(r"\\u00([2-7][0-9a-fA-F])|\\U000000([2-7][0-9a-fA-F])")
_BASIC = re.compile(r"\bend (?:sub|function|if)\b|^\s*dim \w+", re.IGNORECASE | re.MULTILINE)


def read_aspx(script: Script) -> Iterator[Fact]:
    """The facts of an ASP.NET page, handler or service."""
    text = _ESCAPED_NAME.sub(lambda match: chr(int(match[1] or match[2], 16)), script.text)
    page = find_page_language(text)
    whole = _WHOLE.search(text)
    parts = [Part(text[whole.end() :], whole.end(), "")] if whole else list(find_parts(text))
    grammar = _add_controls(load_grammar("dotnet", "dotnet"), text)
    for syntax in ("c", "vb"):
        chosen = [part for part in parts if _tell_syntax(part, page, parts) == syntax]
        if chosen:
            yield from tell_facts(_read_parts(chosen, syntax), msgspec.structs.replace(grammar, syntax=syntax), text)
    yield from judge_size(parts)
    for fact, part in find_stylesheets(text):
        yield fact
        yield from tell_facts(read_tokens(part.code, "c", part.at), grammar, text)


def _tell_syntax(part: Part, page: str, parts: list[Part]) -> str:
    language = part.language or page
    if not language:
        return "vb" if any(_BASIC.search(other.code[:20_000]) for other in parts[:50]) else "c"
    return "vb" if language.startswith("vb") or language == "visualbasic" else "c"


def _add_controls(grammar: Grammar, text: str) -> Grammar:
    """What a visitor types into the controls of the page is data of a request too."""
    added: dict[str, str] = {}
    for match in _CONTROL.finditer(text):
        named = _ID.search(match["attributes"])
        if named is None or len(added) > MOST_CONTROLS or (match["kind"] or "").lower() not in _TYPED:
            continue
        if match["kind"] or "runat" in match["attributes"].lower():
            name = named[1].lower()
            added |= {f"{name}.{member}": "request" for member in ("text", "value", "selectedvalue", "selecteditem")}
    return msgspec.structs.replace(grammar, sources=grammar.sources | added) if added else grammar


def _read_parts(parts: list[Part], syntax: str) -> Iterator[Token]:
    for part in parts:
        yield from read_tokens(part.code.lstrip("=#:"), syntax, part.at)
        yield Token("break", ":" if syntax == "vb" else ";", part.at + len(part.code))
