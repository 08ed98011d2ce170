import msgspec
import pytest

from codered.cli import pack_checks
from tests.unit.cli.conftest import Say


def test_the_packs_are_listed(say: Say) -> None:
    answer = say("packs", "list")
    assert (answer.code, answer.err) == (0, "")
    assert {line.split()[0] for line in answer.out.splitlines()} >= {"codered", "codered2", "nimda"}
    names = [row["name"] for row in msgspec.json.decode(say("packs", "list", "--json").out)]
    assert names == sorted(names)
    assert "codered" in names


def test_a_pack_is_shown(say: Say) -> None:
    assert say("packs", "show", "codered").out.startswith("Code Red")
    assert msgspec.json.decode(say("packs", "show", "codered", "--json").out)["name"] == "codered"
    answer = say("packs", "show", "coderd")
    assert (answer.code, answer.out) == (2, "")
    assert "there is no pack `coderd`" in answer.err


@pytest.mark.parametrize(("word", "function"), [("lint", "lint"), ("test", "try_examples")])
def test_checks_are_given_the_names_and_answer_for_them(
    say: Say, monkeypatch: pytest.MonkeyPatch, word: str, function: str
) -> None:
    told: list[tuple[str, ...]] = []

    def check(names: tuple[str, ...]) -> int:
        told.append(names)
        return 1

    monkeypatch.setattr(pack_checks, function, check)
    assert say("packs", word).code == 1
    assert say("packs", word, "a", "b").code == 1
    assert told == [(), ("a", "b")]
