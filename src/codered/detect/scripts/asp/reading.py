"""Reads classic ASP pages: VBScript, JScript, and pages that the script encoder made unreadable."""

import re
from collections.abc import Iterator
from itertools import chain

from codered.detect.scripts.asp.encoder import decode_blocks
from codered.detect.scripts.asp.objects import read_objects
from codered.detect.scripts.asp.pages import Part, find_page_language, find_parts
from codered.detect.scripts.asp.whole import find_stylesheets, judge_size
from codered.detect.scripts.facts import Fact, Script
from codered.detect.scripts.flows.grammar import load_grammar
from codered.detect.scripts.flows.telling import show, tell_facts
from codered.detect.scripts.flows.tokens import Token, read_tokens

_BASIC = re.compile(r"\b(?:dim|set|end (?:if|sub|function)|then|next)\b", re.IGNORECASE)


def read_asp(script: Script) -> Iterator[Fact]:
    """The facts of a classic ASP page."""
    text, encoded_at = decode_blocks(script.text)
    if encoded_at >= 0:
        yield Fact("encoded-by-encoder", encoded_at, show(script.text, encoded_at))
    parts = list(find_parts(text))
    page = find_page_language(text) or _guess_language(parts)
    yield from judge_size(parts)
    objects = list(read_objects(text))
    for syntax, name in (("vb", "vbscript"), ("c", "jscript")):
        chosen = [part for part in parts if _tell_syntax(part, page) == syntax]
        if chosen:
            yield from tell_facts(chain(objects, _read_parts(chosen, syntax)), load_grammar("asp", name), text)
    for fact, part in find_stylesheets(text):
        yield fact
        yield from tell_facts(read_tokens(part.code, "c", part.at), load_grammar("asp", "jscript"), text)


def _guess_language(parts: list[Part]) -> str:
    """Pages of ASP.NET without a directive are told by their scripts, if no piece of the page is VBScript."""
    named = {part.language for part in parts if part.language}
    basic = any(_BASIC.search(part.code[:5000]) for part in parts[:50] if not part.language)
    return named.pop() if len(named) == 1 and not basic else ""


def _tell_syntax(part: Part, page: str) -> str:
    language = part.language or page
    return "c" if language.startswith(("jscript", "javascript", "ecma")) else "vb"


def _read_parts(parts: list[Part], syntax: str) -> Iterator[Token]:
    for part in parts:
        yield from read_tokens(part.code.removeprefix("="), syntax, part.at)
        yield Token("break", ":" if syntax == "vb" else ";", part.at + len(part.code))
