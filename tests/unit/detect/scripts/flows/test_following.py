"""Data followed through statements, and texts that try to make that expensive."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codered.detect.scripts.facts import Script
from codered.detect.scripts.flows.following import MOST_STEPS, Follower
from codered.detect.scripts.flows.grammar import TAINTS, Grammar
from codered.detect.scripts.flows.statements import split_statements
from codered.detect.scripts.flows.tokens import read_tokens
from codered.detect.scripts.reading import READERS

GRAMMAR = Grammar(syntax="c", sources={"request": "request"}, calls={"run": "command"}, harmless=frozenset(("number",)))
PIECES = [
    "(",
    "[",
    "{",
    "}",
    '"',
    "'",
    ".",
    ",",
    "=",
    "&",
    "+",
    "a",
    "if ",
    "function f(x){",
    "<%",
    "eval(",
    "\n",
    ":",
    "#",
]


def follow(code: str) -> list[int]:
    follower = Follower(split_statements(read_tokens(code, "c"), "c"), GRAMMAR)
    follower.follow()
    return [use.made_of & TAINTS["request"] for use in follower.uses.values()]


@pytest.mark.parametrize(
    ("code", "flows"),
    [
        ("var a = request.x, b = a; run(b);", [1]),
        ("function f(x) { return x; } run(f(request.x));", [1]),
        ("function f(x) { return x; } var a = f(request.x); run(f(1));", [0]),
        ("function f(x) { run(x); } f(request.x);", [1]),
        ("run(number(request.x));", [0]),
        ("run(b); b = request.x;", [1]),
        ("if (a == request.x) { run(c); }", [0]),
    ],
)
def test_data_is_followed(code: str, flows: list[int]) -> None:
    assert follow(code) == flows


@pytest.mark.parametrize("piece", ["(", "a.", "a(", "a=a+", '"a"+', "f(f("])
def test_work_is_bounded(piece: str) -> None:
    follower = Follower(split_statements(read_tokens(piece * 50_000, "c"), "c"), GRAMMAR)
    follower.follow()
    assert follower._steps <= MOST_STEPS + 200_000


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from(["asp", "aspx", "cfm", "perl", "python", "shell"])
)
def test_broken_code_is_read(pieces: list[str], language: str) -> None:
    script = Script(language, "<%" + "".join(pieces))  # type: ignore[arg-type]
    assert all(fact.at <= len(script.text) for fact in READERS[script.language](script))
