"""The tags of a ColdFusion page as statements, and its scripts."""

import re
from collections.abc import Iterator

from codered.detect.scripts.flows.tokens import Token, read_tokens

MOST_TAGS = 20_000
_COMMENT = re.compile(r"<!---.*?(?:--->|\Z)", re.DOTALL)
_TAG = re.compile(
    r"<cf(?P<name>set|return|execute|file|directory|query|include|module|http|object|script|ftp)\b"
    r"(?P<body>"
    r"(?:[^<>\"']|\"[^\"]{0,4000}\"|'[^']{0,4000}'|<(?!/?cf)|(?<=[ =])>(?==)){0,4000})>",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"(\w{1,40})\s{0,20}=\s{0,20}(?:\"([^\"]{0,4000})\"|'([^']{0,4000})'|([^\s\"'>]{1,400}))")


def read_page(text: str) -> Iterator[Token]:
    """Tokens of a page: `cfset` and scripts as they stand, other tags as calls with their attributes."""
    text = _COMMENT.sub(lambda match: " " * len(match[0]), text)
    lowered = text.lower()
    for number, match in enumerate(_TAG.finditer(text)):
        if number > MOST_TAGS:
            return
        name, body, at = match["name"].lower(), match["body"], match.start()
        if name in ("set", "return"):
            yield from read_tokens(f"{'return ' if name == 'return' else ''}{body.rstrip('/ ')}", "cf", at)
        elif name in ("script", "query"):
            end = lowered.find(f"</cf{name}", match.end())
            inside = text[match.end() : end if end >= 0 else len(text)]
            if name == "script":
                yield from read_tokens(inside, "cf", match.end())
            else:
                given = _read_attributes(body)
                yield from _call("cfdatabase", [given.get("datasource", "")], at)
                yield from _call("cfquery", [re.sub(r"<[^>]{0,400}>", " ", inside[:20_000])], at)
        else:
            yield from _read_tag(name, _read_attributes(body), at)
        yield Token("break", ";", at)
    if "<cf" not in lowered or re.match(r"\s*(?:component|interface)\b", lowered):
        yield from read_tokens(text, "cf")


def _read_attributes(body: str) -> dict[str, str]:
    return {match[1].lower(): match[2] or match[3] or match[4] or "" for match in _ATTRIBUTE.finditer(body)}


def _read_tag(name: str, given: dict[str, str], at: int) -> Iterator[Token]:
    if name in ("file", "directory"):
        name = f"{name}_{given.get('action', 'list').lower().strip('#')[:12]}"
    order = {
        "execute": ("name", "arguments"),
        "include": ("template",),
        "http": ("url", "file"),
        "module": ("template",),
    }.get(name, ("file", "destination", "source", "directory", "output"))
    values = [given[key] for key in order if given.get(key)]
    if name == "file_write" and "output" in given:
        yield from _call("cffile_output", [given["output"]], at)
        values = [given.get("file", "")]
    if values:
        yield from _call(f"cf{name}", values, at)
    if "variable" in given:
        yield from (Token("name", given["variable"].lower(), at), Token("op", "=", at))
        yield from (Token("text", "", at), Token("break", ";", at))


def _call(name: str, values: list[str], at: int) -> Iterator[Token]:
    """`name("text" & (expression) & …)`: what stands between number signs is an expression."""
    yield Token("name", name, at)
    yield Token("op", "(", at)
    for number, value in enumerate(values):
        if number:
            yield Token("op", ",", at)
        for place, piece in enumerate(value.split("#")[:200]):
            if place:
                yield Token("op", "&", at)
            if place % 2:
                yield from (Token(kind, text, at) for kind, text, _ in read_tokens(piece[:2000], "cf"))
            else:
                yield Token("text", piece, at)
    yield Token("op", ")", at)
    yield Token("break", ";", at)
