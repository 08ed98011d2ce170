"""Facts from uses: which words of the vocabulary they are, and what several of them are together."""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

import msgspec

from codered.detect.scripts.budget import keep_what_was_read
from codered.detect.scripts.facts import Fact
from codered.detect.scripts.flows.following import Follower
from codered.detect.scripts.flows.grammar import TAINTS, Grammar
from codered.detect.scripts.flows.lines import Use
from codered.detect.scripts.flows.statements import split_statements
from codered.detect.scripts.flows.tokens import Token, read_tokens

MOST_NESTED = 12  # pieces of code within code, of one script
MOST_SHOWN = 200
_FILE_WORK = ("reads-request-file", "lists-request-folder", "removes-request-file", "+path", "keeps-upload-as-sent")


@cache
def load_uses() -> dict[str, dict[str, str]]:
    """What each use is called, by what the value is made of; names with `+` are only parts of a fact."""
    text = resources.files("codered.detect.scripts.flows").joinpath("uses.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, dict[str, str]])


def tell_facts(tokens: Iterable[Token], grammar: Grammar, source: str) -> Iterator[Fact]:
    """The facts of a script's tokens, code within its texts included. `source` is the text that positions are of."""
    found: dict[str, int] = {}
    waiting: list[tuple[Iterable[Token], int]] = [(tokens, -1)]
    read: set[str] = set()
    texts: dict[str, set[str]] = {}
    while waiting:
        tokens, at = waiting.pop()
        follower = _follow(tokens, grammar)
        if follower is None:
            continue
        if follower.built_names:
            found.setdefault("hides-names", max(at, 0))
        for use in sorted(follower.uses.values(), key=lambda use: use.at):
            place = use.at if at < 0 else at
            for name in name_use(use):
                found.setdefault(name, place)
            if use.what in ("write-path", "command") and use.text:
                texts.setdefault(use.what, set()).add(use.text.lower())
            if use.what == "code" and use.text and use.text not in read and len(read) < MOST_NESTED:
                read.add(use.text)
                waiting.append((list(read_tokens(use.text, grammar.syntax)), place))
    if texts.get("write-path", set()) & texts.get("command", set()):
        found.setdefault("runs-what-it-writes", 0)
    for name, at in (*found.items(), *_combine(found)):
        if not name.startswith("+"):
            yield Fact(name, at, show(source, at))


def _follow(tokens: Iterable[Token], grammar: Grammar) -> Follower | None:
    """What was followed until the end, or until time was over; None if it was over before anything was."""
    follower = None
    with keep_what_was_read():
        follower = Follower(split_statements(tokens, grammar.syntax), grammar)
        follower.follow()
    return follower


def name_use(use: Use) -> Iterator[str]:
    """The names of a use. A query that only has a visitor's data in it is not a query that the visitor writes."""
    if use.what == "query" and use.made_of & TAINTS["sql"]:
        return
    for taint, name in load_uses().get(use.what, {}).items():
        if not taint or use.made_of & TAINTS[taint]:
            yield name


def _combine(found: dict[str, int]) -> Iterator[tuple[str, int]]:
    if "+path" in found and "+content" in found:
        yield "writes-request-file", found["+path"]
    if "+fetched" in found and ("+path" in found or "+opened" in found):
        yield "fetches-file", found["+fetched"]
    if "+socket" in found and "+duplicate" in found and "+ran" in found:
        yield "connects-back", found["+socket"]
    if "+socket" in found and "+terminal" in found:
        yield "connects-back", found["+terminal"]
    work = [found[name] for name in _FILE_WORK if name in found]
    if len(work) >= 3:
        yield "does-file-work", min(work)


def show(source: str, at: int) -> str:
    """The words around a place, in one line."""
    start = max(source.rfind("\n", max(0, at - 60), at) + 1, at - 60, 0)
    return " ".join(source[start : start + MOST_SHOWN].split())
