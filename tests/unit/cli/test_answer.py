"""`codered answer`, and the walk over every word: each one that changes something asks at the one door."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from codered.cli import WORDS, codered
from codered_hq.cli.contain_words import COMMANDS
from codered_hq.cli.drill_words import COMMANDS as DRILL_COMMANDS
from tests.fixtures.jobs import Headquarters
from tests.fixtures.saying import Say

CHANGING = {
    "apply": ("apply", "PLAN", "--yes"),
    "apply at boot": ("apply", "PLAN", "--finish-at-boot"),
    "baseline create": ("baseline", "create", "--root", "VOLUME", "-o", "NEW"),
    "baseline sign": ("baseline", "sign", "NEW", "--key", "KEY"),
    "contain": ("contain", "--auto"),
    "contain confirm": ("contain", "confirm", "x"),
    "contain off": ("contain", "off", "--yes"),
    "contain on": ("contain", "on", "--yes", "--block", "tcp:9", "--confirm-within", "0s"),
    "monitor": ("monitor", "VOLUME", "--only", "--on-finding", "contain", "--for", "1s"),
    "respond": ("respond", "--root", "VOLUME", "--yes"),
    "rollback": ("rollback", "PLAN", "--yes"),
}
"""What changes a host, or what it is compared with."""
READING = frozenset(
    [
        "answer",  # asks at the door for what it does
        "completion", "contain keep", "contain status", "contain suggest", "drill host", "evidence collect",
        "evidence export", "evidence list", "evidence transfer", "evidence verify", "baseline compare", "baseline list",
        "packs", "plan", "report", "rescue build", "rescue result", "rescue run", "scan", "script", "self-check",
        "verify",
    ]
)  # fmt: skip
"""What only looks, keeps up what stands, writes of its own (packs, evidence, media), or changes an inert volume."""


def walk(group: click.Command, name: str = "") -> Iterator[str]:
    """The words of a host that can be said, in full; `packs` is one: it is about packs alone."""
    if isinstance(group, click.Group) and name != "packs":
        if group.invoke_without_command:
            yield name
        context = click.Context(group)
        for each in WORDS if not name else group.list_commands(context):
            if each in {"contain": COMMANDS, "drill": DRILL_COMMANDS}.get(name, ()):
                continue  # headquarters' words: they change nothing on the host
            found = group.get_command(context, each)
            assert found is not None
            yield from walk(found, f"{name} {each}".strip())
        return
    yield name


def test_every_word_is_known_to_change_something_or_not_to() -> None:
    assert sorted(walk(codered)) == sorted(READING | (set(CHANGING) - {"apply at boot"}))


@pytest.mark.parametrize("name", sorted(CHANGING))
def test_every_changing_word_asks_whose_orders_count(
    name: str, say: Say, plan: Path, volume: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hq = Headquarters(tmp_path / "hq")
    monkeypatch.setenv("CODERED_TRUST", str(hq.write_trust()))
    places = {"PLAN": str(plan), "VOLUME": str(volume), "NEW": str(tmp_path / "new"), "KEY": str(hq.folder / "k")}
    before = sorted((path, path.stat().st_mtime_ns) for path in volume.rglob("*"))
    answer = say(*(places.get(word, word) for word in CHANGING[name]))
    assert answer.code == 4, answer
    assert "is refused: this host, web-1, obeys orders of ed25519:" in answer.err
    assert answer.err.count("\n") == 1
    assert sorted((path, path.stat().st_mtime_ns) for path in volume.rglob("*")) == before
    (hq.folder / "trust.toml").chmod(0o666)
    answer = say(*(places.get(word, word) for word in CHANGING[name]))
    assert (answer.code, "so nothing is changed: others may write it" in answer.err) == (4, True)


def test_what_the_file_lists_root_may_do_and_looking_is_always_free(
    say: Say, plan: Path, volume: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hq = Headquarters(tmp_path / "hq")
    monkeypatch.setenv("CODERED_TRUST", str(hq.write_trust("apply")))
    assert say("scan", "--root", volume).code == 1
    assert say("apply", plan, "--dry-run").code == 0
    assert say("rollback", plan, "--dry-run").code == 0
    assert say("contain", "status").code == 0
    assert say("respond", "--root", volume, "--staged").code == 1
    assert say("apply", plan, "--yes", "--json").code in (0, 3)
    assert say("rollback", plan, "--yes").code == 4


def test_answer_wants_a_job(say: Say, tmp_path: Path) -> None:
    assert say("answer").code == 2
    assert "name a job" in say("answer").err
    (tmp_path / "x.json").write_text("{}")
    answer = say("answer", tmp_path / "x.json")
    assert (answer.code, answer.out) == (2, "")
    assert "is no sealed document" in answer.err
