import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.collect.watching import folders
from codered.model.monitoring import WatchedPlace
from codered.monitor.senses import Senses
from codered.targets import open_target

NOW = datetime.now(UTC)
WEB = WatchedPlace(what="web", rel=b"web", deep=True)


def test_waiting_ends_when_something_is_heard(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    senses = Senses(open_target(str(tmp_path)), (WEB,), ())
    (tmp_path / "web/x").write_text("x")
    began = time.monotonic()
    senses.wait(60.0)
    assert time.monotonic() - began < 60
    assert list(senses.read_folders().changed) == [b"web/x"]
    assert "network" not in str(senses.notes())
    if os.geteuid() == 0:
        senses.find_writer(b"")
    senses.close()


def test_what_can_not_be_watched_is_looked_at_by_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_WATCHES", 0)
    (tmp_path / "web").mkdir()
    (tmp_path / "web/x").write_text("x")
    senses = Senses(open_target(str(tmp_path)), (WEB,), ())
    assert senses.name_unwatched(senses.list_unwatched({})) == (f"{tmp_path}/web: more than 0 folders",)
    assert senses.poll_unwatched() == []
    (tmp_path / "web/x").write_text("changed")
    assert senses.poll_unwatched() == [b"web"]
    assert senses.poll_unwatched() == []
    senses.close()


def test_what_can_not_be_walked_is_unwatched_and_what_is_not_there_is_no_gap(tmp_path: Path) -> None:
    (tmp_path / "web/bad").mkdir(parents=True)
    late = WatchedPlace(what="keys", rel=b"keys", deep=True)
    senses = Senses(open_target(str(tmp_path)), (WEB, late), ())
    left = senses.list_unwatched({b"web/bad": "an I/O error", b"keys": "is not there", b"web/gone": "an I/O error"})
    assert senses.name_unwatched(left) == (f"{tmp_path}/web/bad: an I/O error",)
    many = senses.name_unwatched({b"%d" % number: "why" for number in range(103)})
    assert (len(many), many[-1]) == (101, "and 3 more")
    assert senses.name_places() == (f"{tmp_path}/web and below", f"{tmp_path}/keys and below")
    senses.close()


def test_a_link_out_that_was_there_at_the_start_is_a_note_and_a_new_one_a_gap(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "images").mkdir()
    (tmp_path / "web/images").symlink_to("../images")
    (tmp_path / "keys").symlink_to("images")
    keys = WatchedPlace(what="keys", rel=b"keys", deep=True)
    target, unwalked = open_target(str(tmp_path)), {b"web/images": "a link", b"keys": "a link"}
    for since, gaps in ((NOW + timedelta(hours=1), 1), (NOW - timedelta(hours=1), 2)):
        senses = Senses(target, (WEB, keys), (), since)
        left = senses.list_unwatched(unwalked)
        assert len({**left, b"keys": ""}) == gaps
        noted = f"not followed, it was there when the watch began: {tmp_path}/web/images: a link"
        assert (noted in senses.notes()) == (gaps == 1)
        senses.close()
