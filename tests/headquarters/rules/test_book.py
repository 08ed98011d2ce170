import pytest

from codered_hq.rules.book import find_zone


def test_time_zones_are_found_by_name_and_by_nothing_else() -> None:
    assert find_zone("Europe/Berlin").key == "Europe/Berlin"
    for name in ("Mars", "", "Europe", "/etc/passwd", "../UTC", "\x00"):
        with pytest.raises(ValueError, match="no time zone"):
            find_zone(name)
