"""Messages by their words: who approves, what goes out."""

import json
from pathlib import Path

import pytest

from codered.signing.keys import make_key
from tests.fixtures.saying import Say


@pytest.mark.django_db
def test_written_approved_by_two_and_told(say: Say, tmp_path: Path) -> None:
    proofs = {}
    for name, role in (("lea", "legal"), ("con", "communications")):
        make_key(tmp_path / name)
        key = ("--public-key", tmp_path / f"{name}.pub")
        assert say("incident", "roster", "add", name, "--role", role, *key).code == 0
        proofs[name] = ("--as", name, "--key", tmp_path / name)
    assert say("incident", "declare", "one", "--title", "x").code == 0
    (tmp_path / "words.txt").write_text("Our shop is closed.\n")
    notify = ("incident", "notify", "--audience", "press", "--subject", "A worm")
    unknown = say(*notify, "--body", "x")
    assert (unknown.code, "is written by somebody known" in unknown.err) == (4, True)
    made = say(*notify, *proofs["lea"], "--file", tmp_path / "words.txt")
    assert (made.code, "waits for legal and communications" in made.out) == (0, True), made.err
    number = made.out.split()[1]
    message = ("incident", "message")
    assert say(*message, "send", number).code == 5
    assert say(*message, "approve", number).code == 2  # nobody of the team
    assert say(*message, "approve", number, *proofs["lea"], "--role", "communications").code == 4
    assert say(*message, "approve", number, *proofs["lea"]).code == 5
    assert say(*message, "approve", number, *proofs["con"], "--json").code == 0
    assert say(*message, "send", number).code == 2  # no way reaches the press
    sent = say(*message, "send", number, "--by-hand", "read out to the desk")
    assert (sent.code, "told by hand" in sent.out) == (0, True)
    assert json.loads(say(*message, "list", "--json").out)["messages"][0]["state"] == "queued"
    assert say(*message, "withdraw", number, "--why", "it was wrong").code == 0
    assert "withdrawn" in say(*message, "list").out
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for words in (
        (), ("--body", "x", "--file", "y"), ("--file", tmp_path / "no"), ("--file", tmp_path / "bytes"),
        ("--body", " "), ("--body", "x", "--replaces", "99"),
    ):  # fmt: skip
        assert say(*notify, *proofs["lea"], *words).code == 2, words
    assert say(*notify, *proofs["lea"], "--body", "x", "--tlp", "AMBER").code == 4
    free = say("incident", "notify", "--audience", "executives", "--subject", "x", "--body", "y")
    assert "what executives are told needs nobody's approval" in free.out
    assert "nobody must" in say(*message, "list").out
    hidden = say(*notify, *proofs["lea"], "--body", "line\nand \x1b[2J")
    assert (hidden.code, "line 2 holds the control sign U+001B" in hidden.err) == (2, True)
