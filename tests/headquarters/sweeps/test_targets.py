"""Words, zones and documents become addresses; what can't be swept whole is said."""

import os
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.sweeps.intervals import count, read_intervals, write_ranges
from codered_hq.sweeps.targets import find_targets, is_sweepable, list_known
from tests.fixtures.inventories import document_subnets, make_host

pytestmark = pytest.mark.django_db


def test_words(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("10.9.0.1, 10.9.0.2 # two\n\n10.9.1.0/30\n")
    found = find_targets(("10.1.0.7/24", "10.2.0.1-10.2.0.3", f"@{path}", "fd00::/126", "10.1.0.9"))
    ranges = ("10.1.0.0/24", "10.2.0.1", "10.2.0.2/31", "10.9.0.1", "10.9.0.2", "10.9.1.0/30", "fd00::/126")
    assert write_ranges(found.addresses) == ranges
    assert (found.wanted, found.left_out, found.notes) == (ranges, (), ())


@pytest.mark.parametrize(
    "word",
    ["ten", "10.0.0.9-10.0.0.1", "10.0.0.0/24-10.0.1.0", "10.0.0.1-fd00::1", "1-2-3", "@/nowhere", "10.0.0.0/33"],
)
def test_what_is_no_range(word: str) -> None:
    with pytest.raises(WrongUse):
        find_targets((word,))


def test_zones_and_all() -> None:
    with pytest.raises(WrongUse, match="no subnet is documented"):
        find_targets((), everything=True)
    with pytest.raises(WrongUse, match="nothing to sweep"):
        find_targets(())
    document_subnets("10.1.0.0/24", zone="plant", zone_kind="protected")
    document_subnets("10.2.0.0/24", "10.2.0.128/25")
    assert find_targets((), ("plant",)).wanted == ("10.1.0.0/24",)
    assert count(find_targets((), everything=True).addresses) == 512
    with pytest.raises(WrongUse, match="no such zone"):
        find_targets((), ("moon",))


def test_large_ranges_of_ipv6() -> None:
    make_host("web", "fd00:1::13")
    whole = read_intervals(("fd00::/112",))[0]
    assert is_sweepable(whole)
    large = read_intervals(("fd00:1::/64",))[0]
    assert not is_sweepable(large)
    assert write_ranges(list_known(large)) == ("fd00:1::13",)
    found = find_targets(("fd00:1::/64", "fd00:2::/64"))
    assert write_ranges(found.addresses) == ("fd00:1::13",)
    assert [text for text, _ in found.left_out] == ["fd00:2::/64"]
    assert "the 1 known addresses in it are asked" in found.notes[0]


def test_a_list_is_a_plain_file_and_its_lines_are_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(WrongUse, match="is no plain file"):
        find_targets((f"@{tmp_path}/pipe",))
    for raw, what in (
        (b"10.0.0.1\n# x\n10.0.0.999\n", "10.0.0.999 is no"),
        (b"\n\n\xff\x1b[2J\n", r"\xff\x1b[2J is no"),
    ):
        (tmp_path / "list").write_bytes(raw)
        with pytest.raises(WrongUse) as refused:
            find_targets((f"@{tmp_path}/list",))
        assert (refused.value.where, what in refused.value.what) == (f"{tmp_path}/list:3", True)
