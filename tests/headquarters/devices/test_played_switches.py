"""The files of played switches."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered_hq.devices.played_switches import (
    RANGE_FOLDER,
    PlayedChange,
    change_switch,
    find_live,
    list_answering,
    read_range,
    read_switch,
)  # fmt: skip
from codered_hq.model.device import DeviceFailed
from tests.fixtures.small_ranges import write_small_range

NOW = datetime.now(UTC)
FIRST = "10.20.1.10"


@pytest.mark.parametrize(
    ("word", "value"), [("port ge-0/0/1", "down"), ("vlan ge-0/0/1", "999"), (f"block {FIRST}/32", "blocked")]
)
def test_what_is_cut_off_answers_no_more_until_its_time_is_up(headquarters: Path, word: str, value: str) -> None:
    write_small_range(headquarters)
    place = headquarters / RANGE_FOLDER / "sw-ulm-1.json"
    until = NOW + timedelta(hours=1)
    change_switch(place, [PlayedChange(label="a", word=word, value=value, until=until)], "a", NOW)
    assert list_answering(headquarters, [FIRST, "10.20.1.11", "192.0.2.1"], NOW) == {
        FIRST: False, "10.20.1.11": True, "192.0.2.1": False
    }  # fmt: skip
    assert FIRST in find_live(read_range(headquarters), until)


def test_a_link_is_not_followed(headquarters: Path, tmp_path: Path) -> None:
    write_small_range(headquarters)
    link = tmp_path / "x.json"
    link.symlink_to(headquarters / RANGE_FOLDER / "sw-ulm-1.json")
    with pytest.raises(DeviceFailed, match="no answer"):
        read_switch(link)
