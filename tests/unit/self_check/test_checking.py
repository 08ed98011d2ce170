"""All checks in their order."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.model.self_check import Check
from codered.self_check import checking
from codered.self_check.checking import AgainstRelease, check_self


@pytest.fixture(autouse=True)
def untried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The trials have tests of their own."""
    monkeypatch.setattr(checking, "try_packs", lambda _: iter(()))
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))


def test_every_subject_stands_once_and_in_order() -> None:
    found = check_self()
    subjects = [check.subject for check in found.checks]
    assert len(subjects) == len(set(subjects))
    assert subjects[:4] == ["own files", "packs", "state folder", "clock"]
    assert found.installation == "checkout"


def test_nothing_is_written(tmp_path: Path) -> None:
    check_self()
    assert list(tmp_path.iterdir()) == []


def test_what_can_not_be_tried_is_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> Iterator[Check]:
        raise OSError(28, "No space left on device")
        yield

    monkeypatch.setattr(checking, "try_packs", fail)
    found = next(check for check in check_self().checks if check.subject == "trial")
    assert found.state == "unchecked"
    assert "No space left on device" in found.told


def test_a_release_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse):
        check_self(AgainstRelease(tmp_path / "release.json", tmp_path / "key.pem"))
