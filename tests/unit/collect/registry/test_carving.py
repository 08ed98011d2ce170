"""What is left of a corrupt hive is found, and marked as such."""

from pathlib import Path

from codered.collect.registry.carving import carve_keys
from codered.collect.registry.hive_cells import Cells
from tests.fixtures.hive_files import key_of, read_real, write_hive
from tests.fixtures.opened_hives import bytes_of, open_data, read_all
from tests.unit.collect.registry.test_hive_reading import find_key

TREE = key_of({"Run\\Inner": {"bad": "c:\\worm.exe"}, "Other\\Deep\\Deeper": {"n": 3}})
HIVE = write_hive(TREE)


def test_root_that_is_destroyed(tmp_path: Path) -> None:
    wanted = read_all(open_data(tmp_path / "whole", HIVE))
    at = 4096 + int.from_bytes(HIVE[36:40], "little")
    for name, data in {
        "the root's cell": HIVE[:at] + bytes(80) + HIVE[at + 80 :],
        "the base block": bytes(4096) + HIVE[4096:],
        "the base block and the first bin": bytes(4096 + 32) + HIVE[4096 + 32 :],
        "the root's list": HIVE[: at + 32] + b"\xff" * 4 + HIVE[at + 36 :],
    }.items():
        hive = open_data(tmp_path / name, data)
        assert read_all(hive) == wanted, name
        assert hive.seen.state == "carved"
        assert any("searched for what is left" in note for note in hive.seen.notes)
        assert list(hive.unread())


def test_a_key_that_is_lost_takes_no_other_with_it(tmp_path: Path) -> None:
    at = find_key(HIVE, b"Other") - 4
    hive = open_data(tmp_path, HIVE[:at] + bytes(80) + HIVE[at + 80 :])
    assert set(read_all(hive)) == {(), ("Run",), ("Run", "Inner")}
    assert any("the parents of 1 are lost" in why for _, why in hive.unread())


def test_a_real_hive_cut_in_half(tmp_path: Path) -> None:
    data = read_real("NTUSER.DAT")
    whole = read_all(open_data(tmp_path / "whole", data))
    half = open_data(tmp_path / "half", data[: len(data) // 2])
    left = read_all(half)
    assert half.seen.state == "carved"
    assert len(whole) // 4 < len(left) < len(whole)
    assert set(left) <= set(whole)
    assert any("cut short" in why for _, why in half.unread())


def test_free_cells_are_no_keys() -> None:
    at = find_key(HIVE, b"Inner") - 4
    size = int.from_bytes(HIVE[at : at + 4], "little", signed=True)
    freed = HIVE[:at] + (-size).to_bytes(4, "little") + HIVE[at + 4 :]
    counts = []
    for data in (HIVE, freed):
        raw = bytes_of(data)
        counts.append(carve_keys(raw, Cells(raw, 5)).total)
    assert counts == [6, 5]


def test_nothing_is_left() -> None:
    raw = bytes_of(bytes(20_000) + b"nk" * 4000)
    carved = carve_keys(raw, Cells(raw, 5))
    assert (carved.total, carved.guess_root(32)) == (0, None)
