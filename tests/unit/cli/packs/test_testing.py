import pytest

from codered.cli.packs import checking
from tests.fixtures.saying import Say


def test_it_is_given_the_names_and_answers_for_them(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, ...]] = []

    def check(names: tuple[str, ...]) -> int:
        told.append(names)
        return 1

    monkeypatch.setattr(checking, "try_examples", check)
    assert say("packs", "test").code == 1
    assert say("packs", "test", "a", "b").code == 1
    assert told == [(), ("a", "b")]
