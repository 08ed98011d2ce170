import stat
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.model.response import Asked
from codered.respond.book import open_book, response_file, resume_book


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def test_a_book_is_on_the_disk_before_the_step(state: Path) -> None:
    book = open_book(Asked(root="/mnt"))
    book.begin("look")
    again = resume_book("")
    assert again.response == book.response
    step = again.response.step("look")
    assert step is not None
    assert (step.state, again.is_done("look")) == ("begun", False)
    path = response_file(book.response.id)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_step_taken_again_keeps_its_place() -> None:
    book = open_book(Asked())
    for name in ("look", "contain"):
        book.begin(name)
        book.end(name, "done")
    book.begin("look")
    step = book.end("look", "staged", 1, ("only looked at",))
    assert [each.name for each in book.response.steps] == ["look", "contain"]
    assert book.response.steps[0] == step
    assert not book.is_done("look")
    assert book.is_done("contain")


def test_the_newest_that_waits_goes_on() -> None:
    first, second = open_book(Asked(root="/a")), open_book(Asked(root="/b"))
    newest = max(first, second, key=lambda book: book.response.id)
    oldest = first if newest is second else second
    assert resume_book("").response.id == newest.response.id
    newest.keep(finished=True)
    assert resume_book("").response.id == oldest.response.id
    oldest.keep(finished=True)
    with pytest.raises(WrongUse, match="no response waits"):
        resume_book("")
    assert resume_book(newest.response.id).response.finished


@pytest.mark.parametrize("name", ["../x", "A", "", "x" * 80, "a/b", "a\nb"])
def test_an_odd_id_names_no_file(name: str) -> None:
    with pytest.raises(WrongUse, match="no id of a response"):
        response_file(name)


@pytest.mark.parametrize("body", [b"", b"{}", b"[" * 50_000, b'{"format":"codered/response/1"}', b"\xff"])
def test_a_damaged_book_is_refused(state: Path, body: bytes) -> None:
    (state / "responses").mkdir(parents=True)
    (state / "responses" / "r1.json").write_bytes(body)
    with pytest.raises(WrongUse, match=r"r1\.json"):
        resume_book("r1")


def test_a_book_that_can_not_be_written(state: Path) -> None:
    state.write_bytes(b"a file where the folder should be")
    with pytest.raises(WrongUse, match="can't be written"):
        open_book(Asked())
