"""What a row of the list of hosts holds, and as a table for spreadsheets."""

import pytest

from codered_hq.console.machines.host_rows import TITLES, read_hosts, write_csv
from tests.headquarters.console.machines.conftest import make_ill


@pytest.mark.django_db
def test_rows() -> None:
    host = make_ill().host
    (row,) = read_hosts([host.pk, 0])
    assert (row.host, row.addresses, row.findings, row.containments) == (host, ("10.1.0.1",), 1, 0)
    lines = write_csv([host.pk]).splitlines()
    assert lines[0] == ",".join(TITLES)
    assert f"{host.pk},web-1,infected," in lines[1]
