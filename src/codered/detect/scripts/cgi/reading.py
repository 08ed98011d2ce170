"""Reads programs that a server starts for a request, and shells that connect back: Perl, Python and Unix shell."""

import re
from collections.abc import Iterator

import msgspec

from codered.detect.scripts.cgi.evidence import MOST_READ, find_evidence
from codered.detect.scripts.facts import Fact, Script
from codered.detect.scripts.flows.grammar import Grammar, load_grammar
from codered.detect.scripts.flows.telling import show, tell_facts
from codered.detect.scripts.flows.tokens import read_tokens

FEW_BYTES = 2500
LARGE_BYTES = 100_000  # hardly any tool of intruders in these languages is as large; programs for statistics are
MOST_LINES = 20_000
_ENVIRONMENT = re.compile(
    r"\$ENV\{\s{0,5}['\"]?(?:QUERY_STRING|HTTP_\w{1,40}|PATH_INFO|REQUEST_URI)['\"]?\s{0,5}\}"
    r"|\b(?:os\.)?environ(?:\.get\(|\[)\s{0,5}['\"](?:QUERY_STRING|HTTP_\w{1,40}|PATH_INFO|REQUEST_URI)['\"]"
)
_READ = re.compile(r"\b(?:sys)?read\s{0,5}\(?\s{0,5}STDIN\s{0,5},\s{0,5}(?:my\s{1,5})?\$(\w{1,60})")
_HERE = re.compile(r"<<\s?[\"']?([A-Za-z_]\w{0,40}|\[\w{1,40}\])[\"']?")
_CGI_LIBRARY = re.compile(r"^\s{0,20}use CGI\b|cgi-lib", re.MULTILINE)
_ANSWERS = re.compile(r"content-type\s{0,3}:", re.IGNORECASE)
_BACK = re.compile(
    r"/dev/(?:tcp|udp)/|\b(?:nc|ncat|netcat)\b[^\n]{0,80}\s-(?:e|c)\s|\bmkfifo\b[^\n]{0,200}\|\s{0,3}(?:nc|ncat|openssl)\b"
)
_FRAMEWORK = re.compile(
    r"\b(?:from|import)\s[\w., ]{0,80}\b(?:flask|django|bottle|tornado|aiohttp|"
    r"fastapi|starlette|sanic|werkzeug|pyramid|falcon|webob|cherrypy|quart|mod_python)\b"
)
_MODULE = re.compile(r"(?:\s|#(?!!)[^\n]{0,200}\n){0,200}package\s{1,9}\w")
_HANDLER = re.compile(r"HTTPRequestHandler|http\.server|\bdef do_(?:GET|POST)\b")
_NAME = re.compile(r"\$\{?(\w{1,40})")
_SETS = re.compile(r"^\s{0,40}(?:export\s|local\s|read\s)?\s{0,5}(\w{1,40})=")
_READS = re.compile(r"^\s{0,40}read\s[^\n]{0,60}?(\w{1,40})\s{0,9}$", re.MULTILINE)
_RUNS = re.compile(
    r"\beval\s[^\n]{0,400}|`[^`\n]{1,400}`|\$\([^)\n]{1,400}\)|\b(?:ba|k|z)?sh\s+-c\s[^\n]{0,400}"
    r"|^\s{0,40}\$\{?(?:QUERY_STRING|\w{1,40})\b[^=\n]{0,200}$",
    re.MULTILINE,
)
_SHOWS = re.compile(r"\b(cat|ls|rm|head|tail|more|find|mv|chmod)\b[^\n|;]{0,200}")


def read_perl(script: Script) -> Iterator[Fact]:
    """The facts of a Perl program; of a module, which no server runs by itself, there are none."""
    if _MODULE.match(script.text):
        return
    text = _strip_here_documents(script.text)
    text = _ENVIRONMENT.sub(lambda match: "$QUERY_STRING".ljust(len(match[0])), text)
    text = _READ.sub(lambda match: f"${match[1]} = $QUERY_STRING; (", text)
    yield from _read(text, script.text, "perl")


def read_python(script: Script) -> Iterator[Fact]:
    """The facts of a Python program."""
    text = _ENVIRONMENT.sub(lambda match: "(QUERY_STRING".ljust(len(match[0])), script.text)
    yield from _read(text, script.text, "python")


def _read(text: str, source: str, syntax: str) -> Iterator[Fact]:
    grammar = load_grammar("cgi", syntax)
    yield from find_evidence(source)
    if len(source) < FEW_BYTES:
        yield Fact("tiny")
    if _ANSWERS.search(source):
        grammar = msgspec.structs.replace(
            grammar, sources=grammar.sources | {"stdin": "request", "raw_input": "request"}
        )
    if len(source) > LARGE_BYTES:
        yield Fact("large-program")
    if syntax == "python":
        grammar = _know_framework(grammar, source)
    if syntax == "perl" and _CGI_LIBRARY.search(source):
        grammar = msgspec.structs.replace(grammar, sources=grammar.sources | {"param": "request"})
    yield from tell_facts(read_tokens(text, syntax), grammar, source)


def _know_framework(grammar: Grammar, source: str) -> Grammar:
    """The table without names that mean a visitor's request only where a framework or a server gives them."""
    unknown = set() if _FRAMEWORK.search(source) else {"request"}
    unknown |= set() if _HANDLER.search(source) else {"path", "headers", "rfile"}
    sources = {name: what for name, what in grammar.sources.items() if name not in unknown}
    given = {name: what for name, what in grammar.given.items() if name not in unknown}
    return msgspec.structs.replace(grammar, sources=sources, given=given)


def _strip_here_documents(text: str) -> str:
    """The text without the lines of here-documents, which are no code: they are blank instead."""
    lines = text.split("\n")
    until = ""
    for number, line in enumerate(lines):
        if until:
            until = "" if line.strip("\r\t ") == until else until
            lines[number] = " " * len(line)
        elif "<<" in line and (match := _HERE.search(line)):
            until = match[1]
    return "\n".join(lines) if not until else text


def read_shell(script: Script) -> Iterator[Fact]:
    """The facts of a shell script: what it does with a request, and shells that connect back."""
    text = script.text
    if len(text) < FEW_BYTES:
        yield Fact("tiny")
    tainted = {"QUERY_STRING", "HTTP_USER_AGENT", "HTTP_COOKIE", "HTTP_REFERER", "PATH_INFO", "REQUEST_URI"}
    if _ANSWERS.search(text):
        tainted |= {"REPLY", *_READS.findall(text[:MOST_READ])}
    for line in text.splitlines()[:MOST_LINES]:
        sets = _SETS.match(line)
        if sets and any(name in tainted for name in _NAME.findall(line[:2000])):
            tainted.add(sets[1])
    for match in _RUNS.finditer(text):
        if any(name in tainted for name in _NAME.findall(match[0])):
            name = "runs-request-command" if not _SHOWS.match(match[0].strip("`$(")) else "reads-request-file"
            yield Fact(name, match.start(), show(text, match.start()))
    for match in _SHOWS.finditer(text):
        if any(name in tainted for name in _NAME.findall(match[0])):
            listed = {"ls": "lists-request-folder", "find": "lists-request-folder", "rm": "removes-request-file"}
            yield Fact(listed.get(match[1], "reads-request-file"), match.start(), show(text, match.start()))
    if back := _BACK.search(text):
        yield Fact("connects-back", back.start(), show(text, back.start()))
