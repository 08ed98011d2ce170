"""From names in a report to places in a hive."""

import pytest

from codered.model.registry import REG_LINK
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry.hive_file import read_from
from codered.remediate.registry.locating import locate, split_root
from tests.fixtures.hive_files import key_of, write_hive


def test_places() -> None:
    hive = read_from(write_hive(key_of({"A\\B": {"Val": 1, "O\1dd": 2}, "A\\C\1": {}})))
    found = locate(hive, "HKLM\\SYSTEM\\a\\b", "val")
    assert found is not None
    assert (found.hive, found.key, found.value, found.value_raw) == ("HKLM\\SYSTEM", "A\\B", "Val", None)
    missing = locate(hive, "HKLM\\SYSTEM\\A\\B", "new")
    assert missing is not None
    assert missing.value == "new"
    odd = locate(hive, "HKLM\\SYSTEM\\A\\C\\x01", None)
    assert odd is not None
    assert (odd.key, odd.key_raw) == ("A\\C\\x01", "A\\C\1".encode("utf-16-le"))
    assert locate(hive, "HKLM\\SYSTEM\\A\\Z", None) is None
    assert split_root("HKU\\S-1-5-21\\Software") == ("HKU\\S-1-5-21", "Software")


def test_names_that_can_not_be_told_apart() -> None:
    hive = read_from(write_hive(key_of({"A\1": {}, "A\\x01": {}, "K": {"v\1": 1, "v\\x01": 2}})))
    for key, value in (("HKLM\\S\\A\\x01", None), ("HKLM\\S\\K", "v\\x01")):
        with pytest.raises(ChangeFailed, match="can't be told apart"):
            locate(hive, key, value)


def test_names_that_windows_tells_apart() -> None:
    hive = read_from(write_hive(key_of({"Stra\xdfe": {"evil\xdf": 1, "evilss": 2}, "Strasse": {"a": 1}})))
    for key, value in (("Stra\xdfe", "evilss"), ("Stra\xdfe", "evil\xdf"), ("Strasse", "a")):
        found = locate(hive, f"HKLM\\S\\{key}", value)
        assert found is not None
        assert (found.key, found.value) == (key, value)


def test_links_are_left_to_the_user() -> None:
    target = "\\Registry\\Machine\\S\\B".encode("utf-16-le")
    hive = read_from(write_hive(key_of({"A": {"SymbolicLinkValue": (REG_LINK, target)}, "B": {"x": 1}})))
    for key, value in (("A", "x"), ("A\\Below", "y"), ("A", None)):
        with pytest.raises(ChangeFailed, match="a link to another"):
            locate(hive, f"HKLM\\S\\{key}", value)
    assert locate(hive, "HKLM\\S\\B", "x") is not None
