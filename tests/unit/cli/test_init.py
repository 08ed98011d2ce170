import os
import subprocess
import sys

import pytest
import rich_click as click

from codered import __version__, cli
from codered.model.errors import CodeRedError, NotRolledBack, Refused, RolledBack, WrongUse
from tests.fixtures.command import SOURCE, Answer
from tests.fixtures.saying import Say

HEAVY = ("yara_x", "rich.progress", "codered.scan", "codered.packs", "yaml", "plyara")


def answer_to(error: BaseException, say: Say, monkeypatch: pytest.MonkeyPatch) -> Answer:
    @click.command()
    def command() -> int:
        raise error

    monkeypatch.setattr(cli.Words, "get_command", lambda *_: command)
    return say("scan")


def test_every_word_has_its_command() -> None:
    for word in (*cli.WORDS, *cli.HQ_WORDS):
        command = cli.codered.get_command(click.Context(cli.codered), word)
        assert command is not None, word
        assert command.name == word
        assert command.help, word
    assert cli.codered.get_command(click.Context(cli.codered), "nosuch") is None
    assert cli.codered.list_commands(click.Context(cli.codered)) == [*cli.WORDS, *cli.HQ_WORDS]


def test_version_and_help(say: Say) -> None:
    assert say("--version") == (0, f"codered, version {__version__}\n", "")
    answer = say("--help")
    assert (answer.code, "5 awaiting approval" in " ".join(answer.out.replace("│", " ").split())) == (0, True)
    assert all(f" {word} " in answer.out for word in (*cli.WORDS, *cli.HQ_WORDS))


@pytest.mark.parametrize("word", cli.WORDS)
def test_every_word_explains_itself(say: Say, word: str) -> None:
    answer = say(word, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert f"codered {word}" in answer.out


def test_the_version_is_told_without_loading_the_tool() -> None:
    text = f"import sys, codered.cli; sys.exit(' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", text], env={"PYTHONPATH": str(SOURCE)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.strip()) == (1, "")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WrongUse("no such file", where="/x", advice="look again"), 2),
        (Refused("no such file", where="/x", advice="look again"), 4),
        (RolledBack("no such file", where="/x", advice="look again"), 6),
        (NotRolledBack("no such file", where="/x", advice="look again"), 7),
    ],
)
def test_a_known_error_is_one_line_and_its_code(
    say: Say, monkeypatch: pytest.MonkeyPatch, error: CodeRedError, code: int
) -> None:
    assert answer_to(error, say, monkeypatch) == (code, "", "codered: /x: no such file — look again\n")


def test_an_error_about_a_hostile_name_stays_one_harmless_line(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = answer_to(WrongUse("odd\n\x1b[2J\u202e\udcff"), say, monkeypatch)
    assert answer.err == "codered: odd\\x0a\\x1b[2J\\u202e\\udcff\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_ctrl_c_says_so(say: Say, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    answer = answer_to(error, say, monkeypatch)
    assert (answer.code, answer.out) == (130, "")
    assert answer.err.strip() == "codered: interrupted"


def test_a_wrong_word_is_wrong_use(say: Say) -> None:
    assert say("nosuch") == (2, "", "codered: no such command 'nosuch' — see: codered --help\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["scan", "--nonsense"], "no such option '--nonsense'"),
        (["scan", "--jobs", "x"], "invalid value for '--jobs'"),
        (["plan"], "missing argument 'REPORT.json' — see: codered plan --help"),
        (["packs", "show", "a", "b\x1b[2J\n"], "got unexpected extra argument"),
        (["contain"], "say what to do: on, off, status, confirm, suggest, or --auto — see: codered contain --help"),
    ],
)
def test_a_wrong_option_is_one_line_that_says_where_to_look(say: Say, words: list[str], told: str) -> None:
    answer = say(*words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert answer.err.startswith(f"codered: {told}")
    assert " --help\n" in answer.err
    assert "\x1b" not in answer.err


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_bug_is_one_line_and_a_trace_only_when_asked_for(debug: str) -> None:
    text = "from codered import cli; cli.Words.get_command = lambda *_: 1 / 0; cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", text, "scan"],
        env={"PYTHONPATH": str(SOURCE), "CODERED_DEBUG": debug},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 70
    *trace, line = done.stderr.splitlines()
    assert line == (
        "codered: a bug in the tool: ZeroDivisionError: division by zero (at <string>:1); "
        "CODERED_DEBUG=1 shows the trace"
    )
    assert bool(trace) == bool(debug)


@pytest.mark.parametrize(
    ("words", "code"), [(["packs", "show", "codered"], 0), (["--help"], 0), (["packs"], 2)]
)  # fmt: skip
def test_a_reader_that_goes_away_is_no_error(words: list[str], code: int) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "codered", *words],
        env={"PYTHONPATH": str(SOURCE)},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (code, "")


def test_a_long_argument_is_not_echoed_whole(say: Say) -> None:
    answer = say("completion", "a" * 100_000)
    assert (answer.code, "a" * 50 in answer.err, len(answer.err) < 1000) == (2, True, True)
    assert "fish" in answer.err  # what it may be is told all the same
