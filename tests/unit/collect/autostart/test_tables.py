import pytest

from codered.collect.autostart.tables import table


def test_places_are_below_the_root() -> None:
    assert b"etc/crontab" in table("cron-tables")
    for name in ("cron-table-folders", "system-unit-folders", "init-folders", "udev-folders", "package-hook-folders"):
        assert all(not place.startswith(b"/") and not place.endswith(b"/") for place in table(name))


def test_a_table_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        table("none")
