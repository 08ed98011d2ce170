from collections.abc import Iterator

import pytest

from codered.detect.scripts import budget, reading
from codered.detect.scripts.facts import Fact, Script, load_vocabulary
from codered.detect.scripts.reading import READERS, read_facts, read_script
from codered.model.indicators import ScriptLanguage

HEADS: dict[ScriptLanguage, str] = {
    "php": "<?php exit; ",
    "asp": "<% Response.End\n",
    "aspx": '<%@ Page Language="C#" %><% return; ',
    "jsp": '<%@ page import="java.io.*" %><% if (true) return; ',
    "cfm": "<cfabort><cfscript>",
    "perl": "#!/usr/bin/perl\nexit;\n",
    "python": "#!/usr/bin/python\nraise SystemExit\n",
    "shell": "#!/bin/sh\nexit\n",
}
PIECES = (
    *("(", "{", "[", "!", '"', "'", "`", "\\", "$", "#", "@", "/*", "<%", "<cf", "?:", "$a=", "a=", "f(", ".b()", "()"),
    *(
        "new ",
        "else ",
        "if(1)",
        "if a then ",
        "function",
        "function f(a)\n",
        "$a=function(){",
        "(String)",
        "List<",
        "a->",
    ),
    *("$a=$a.$a;", "$a=[$a,$a];", "a=a&a\n", "a=a+a\n", '"a".', '"a"&', '"a"+', "chr(97)&", "<<<A\n", "#@~^", "<form "),
    *(
        "foreach([1,2,3,4,5,6,7,8,9] as $x)",
        "foreach($a as $x)",
        "while(1)",
        'eval("eval(\\"',
        "def f(a):\n",
        "sub f {",
    ),
    *(
        'execute(eval(request("a")\n',
        "$a[]=1;",
        '"{$a[',
        "class A ",
        "\\u",
        "${",
        'f"{',
        '<cfset a="',
        "%a",
        "<script ",
    ),
)
STEPS = 300_000  # of a text of 4,000 characters


def test_each_reader_gives_facts_of_the_vocabulary() -> None:
    for language in READERS:
        assert set(read_facts(Script(language, "<?php die('inert'); eval($_GET['x']); ?>"))) <= set(load_vocabulary())


def test_a_language_without_a_reader_gives_nothing() -> None:
    assert "runs-request-code" in read_facts(Script("php", "<?php die('inert'); eval($_GET['x']);"))


@pytest.mark.parametrize("language", [*READERS])
def test_hostile_texts_end_within_their_steps(language: ScriptLanguage, monkeypatch: pytest.MonkeyPatch) -> None:
    """No clock: the steps are counted. Each text is one piece, over and over, such as once took minutes."""
    steps = [0]

    def count(_: budget.Budget) -> None:
        steps[0] += 1
        if steps[0] > STEPS:
            raise budget.Spent

    monkeypatch.setattr(budget.Budget, "take_step", count)
    for piece in PIECES:
        steps[0] = 0
        told = read_script(Script(language, HEADS[language] + piece * (4_000 // len(piece))))
        assert "too long" not in told.cut, piece
        assert "failed" not in told.cut, piece


def test_chains_of_loops_without_braces_cost_no_square() -> None:
    told = read_script(Script("php", HEADS["php"] + "foreach([1,2,3,4,5,6,7,8,9] as $x)" * 5000 + "$_GET[1];"))
    assert told.cut == "more steps than a script may take"


def test_what_was_seen_before_a_reader_failed_is_kept_and_the_failure_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(script: Script) -> Iterator[Fact]:
        yield Fact("runs-request-code", 3)
        raise RecursionError(script.text)

    monkeypatch.setitem(reading.READERS, "php", fail)
    told = read_script(Script("php", "x"))
    assert (list(told.facts), told.cut) == (["runs-request-code"], "its reader failed: RecursionError")


def test_time_that_is_over_ends_every_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_EVERY", 1)
    text = {"php": "eval($_GET['x']);", "perl": "my $x = 1;", "python": "x = 1\n", "cfm": "x = 1;"}
    for language in ("php", "asp", "aspx", "jsp", "cfm", "perl", "python"):
        told = read_script(Script(language, HEADS[language] + text.get(language, "x = 1\n") * 5), -1.0)
        assert told.cut == "reading it takes too long", language
