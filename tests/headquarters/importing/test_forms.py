"""Every form by a file of it: recognised from its content, read, and what is not taken is named."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.importing.forms import FORMS, find_form, read_inventory, read_source
from codered_hq.importing.harvest import Options
from codered_hq.model.inventory import Inventory
from tests.fixtures.opened_sources import open_bytes

SAMPLES = Path(__file__).parents[2] / "fixtures" / "inventory"
NOON = Options(now=datetime(2026, 11, 22, 12, tzinfo=UTC))
FILES = {
    "dnsmasq.leases": ("dnsmasq", 3),
    "ip-neigh.txt": ("arp", 4),
    "show-mac.txt": ("arp", 2),
    "dhcpd.leases": ("isc-dhcpd", 5),
    "kea-leases4.csv": ("kea", 3),
    "kea-leases6.csv": ("kea", 1),
    "kea-lease4-get-all.json": ("kea", 2),
    "windows-leases.csv": ("windows-dhcp", 4),
    "netsh-clients.txt": ("windows-dhcp", 3),
    "example.org.zone": ("zone-file", 10),
    "inventory.yaml": ("yaml", 1),
}


def take(data: str | bytes, form: str = "", options: Options = NOON) -> Inventory:
    raw = data.encode() if isinstance(data, str) else data
    return read_source(open_bytes(raw), form, options)


@pytest.mark.parametrize(("name", "expected"), FILES.items())
def test_samples_are_recognised_and_read(name: str, expected: tuple[str, int]) -> None:
    found = read_inventory(SAMPLES / name, options=NOON)
    assert (found.source.kind, len(found.hosts)) == expected
    assert found.source.name == name
    for other in FORMS:  # read as another form it is an error or other records, never a crash
        with suppress(WrongUse):
            read_inventory(SAMPLES / name, other, NOON)


@given(st.sampled_from(sorted(FILES)), st.data())
def test_damaged_samples_break_nothing(name: str, data: st.DataObject) -> None:
    raw = bytearray((SAMPLES / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
        raw = raw or bytearray(b"x")
    for form in ("", FILES[name][0]):
        with suppress(WrongUse):
            take(bytes(raw), form)


def test_what_is_ambiguous_or_unknown_is_said(tmp_path: Path) -> None:
    both = "hosts:\nlease 10.0.0.1 {\n"
    with pytest.raises(WrongUse, match="may be yaml or isc-dhcpd") as told:
        find_form(open_bytes(both.encode()))
    assert "name its form" in str(told.value)
    with pytest.raises(WrongUse, match="of no form that is known — name its form: csv, yaml"):
        take("Dear all,\nplease find attached\n")
    with pytest.raises(WrongUse, match="no such form: xls — known are csv"):
        take("ip\n10.0.0.1\n", "xls")
    with pytest.raises(WrongUse, match="no record in it that can be used"):
        take("ip,mac\nnonsense,\n")
    with pytest.raises(WrongUse, match="can't be read"):
        read_inventory(tmp_path / "missing")
    (tmp_path / "link").symlink_to(SAMPLES / "inventory.yaml")
    with pytest.raises(WrongUse, match="not a link to it"):
        read_inventory(tmp_path / "link")
    with pytest.raises(WrongUse, match="is no plain file"):
        read_inventory(tmp_path)


def test_lines_that_are_not_utf8_are_read_as_windows_writes_them() -> None:
    found = take("ip;owner\n10.0.0.1;M\xfcller\n".encode("latin-1"))
    assert found.hosts[0].owner == "Müller"
    assert [note.where for note in found.notes] == ["encoding"]
