import os
from pathlib import Path

import msgspec
import pytest

from codered.collect.walking import Unwalked
from codered.model.target import TargetInfo, Unsupported
from codered.scan.looks import LAYER_OF, MOST_EXAMPLES, LookBook
from tests.fixtures.changing import FolderTarget


@pytest.fixture
def book(tmp_path: Path) -> LookBook:
    return LookBook(FolderTarget(tmp_path))


def test_what_was_looked_at_is_added_up(book: LookBook) -> None:
    book.add_looked("files", "web roots", 3, 100)
    book.add_looked("files", "homes", 1, 1)
    book.add_looked("files", "web roots", 2, 50, lines=4)
    (web, homes) = book.looks()
    assert (web.where, web.state, web.count, web.bytes, web.lines) == ("web roots", "looked", 5, 150, 4)
    assert (homes.where, homes.count) == ("homes", 1)
    assert not web.is_gap()


def test_reasons_are_kept_apart_and_counted_whole_with_the_first_as_examples(book: LookBook, tmp_path: Path) -> None:
    for number in range(MOST_EXAMPLES + 5):
        book.add_unlooked("homes", Unwalked(b"a/%d" % number, "failed", "Permission denied"))
    book.add_unlooked("homes", Unwalked(b"link", "skipped", "symbolic link"))
    failed, skipped = book.looks()
    assert (failed.state, failed.why, failed.count) == ("failed", "Permission denied", MOST_EXAMPLES + 5)
    assert failed.examples == tuple(f"{tmp_path}/a/{number}" for number in range(MOST_EXAMPLES))
    assert (skipped.state, skipped.count, skipped.examples) == ("skipped", 1, (f"{tmp_path}/link",))
    assert failed.is_gap()
    assert not skipped.is_gap()


def test_the_order_is_the_same_whichever_worker_was_faster(tmp_path: Path) -> None:
    items = [("homes", "too large"), ("web roots", "Permission denied"), ("homes", "Permission denied")]
    told = []
    for order in (items, items[::-1]):
        book = LookBook(FolderTarget(tmp_path))
        book.add_gap("accounts", "accounts", "no list")
        for where, why in order:
            book.add_unlooked(where, Unwalked(b"x", "failed", why))
        book.add_looked("files", "homes", 1, 1)
        told.append([(look.state, look.where, look.why) for look in book.looks()])
    assert told[0] == told[1]
    assert [where for _, where, _ in told[0]] == ["homes", "accounts", "homes", "homes", "web roots"]


def test_an_example_that_is_no_utf8_can_be_written(book: LookBook, tmp_path: Path) -> None:
    book.add_unlooked("homes", Unwalked(b"caf\xe9", "failed", "x"))
    assert book.looks()[0].examples == (f"{tmp_path}/caf\\xe9",)
    assert msgspec.json.encode(book.looks())


def test_a_gap_that_is_no_file(book: LookBook) -> None:
    book.add_gap("files", "the whole scan", "stopped")
    (look,) = book.looks()
    assert look.is_gap()
    assert (look.where, look.why, look.examples) == ("the whole scan", "stopped", ())


@pytest.mark.parametrize(("host", "where"), [("web1", "web1"), ("", "/mnt")])
def test_what_the_target_can_not_offer_comes_last(tmp_path: Path, host: str, where: str) -> None:
    class Other(FolderTarget):
        @property
        def info(self) -> TargetInfo:
            missing = (Unsupported("registry", "no hives yet"), Unsupported("memory", "no collector"))
            return TargetInfo(kind="offline_root", root="/mnt", host=host, unsupported=missing)

    book = LookBook(Other(tmp_path))
    book.add_looked("files", "x", 1, 1)
    looks = book.looks()
    assert [(look.layer, look.state, look.why) for look in looks[1:]] == [
        ("settings", "unsupported", "no hives yet"),
        ("memory", "unsupported", "no collector"),
    ]
    assert {look.where for look in looks[1:]} == {where}


def test_every_capability_has_its_layer() -> None:
    info = TargetInfo.__annotations__["offers"]
    capabilities = set(info.__args__[0].__args__)
    assert set(LAYER_OF) == capabilities
    assert os.sep not in "".join(LAYER_OF.values())
