from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.importing.csv_files import is_csv, read_csv, read_rows
from codered_hq.importing.harvest import Harvest
from codered_hq.model.inventory import HostRecord, Inventory, OwnerRecord, ScanPointRecord, Source, SubnetRecord
from tests.fixtures.opened_sources import open_bytes


def take(data: str | bytes) -> Inventory:
    harvest = Harvest()
    read_csv(open_bytes(data.encode("utf-8", "replace") if isinstance(data, str) else data), harvest)
    return harvest.finish(Source(kind="csv", name="x"))


HOST = HostRecord(address="10.0.0.1", mac="52:54:00:00:00:01", name="pc-1", owner="Anna", tags=("a", "b"))


@pytest.mark.parametrize(
    ("separator", "encoding"), [(",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), ("|", "utf-8")]
)
def test_hosts_by_aliases_separators_and_encodings(separator: str, encoding: str) -> None:
    rows = (
        ["IP Address", "MAC-Address", "Host_Name", "OWNER", "Tags"],
        ["10.0.0.1", "5254.0000.0001", "PC-1", "Anna", '"a, b"'],
    )
    text = "\r\n".join(separator.join(row) for row in rows) + "\r\n\r\n"
    assert take(text.encode(encoding)).hosts == (HOST,)


def test_each_kind_by_its_header() -> None:
    subnets = take("#TYPE x\nsubnet,mask,vlan id,site,comment\n10.0.0.0,255.255.255.0,10,Vienna,old\n10.1.0.0,,,,\n")
    assert subnets.subnets[0] == SubnetRecord(range="10.0.0.0/24", vlan=10, site="Vienna", note="old")
    assert subnets.subnets[1].range == "10.1.0.0/32"
    owners = take("name;e-mail;phone\nAnna;anna@example.org;5\n")
    assert owners.owners == (OwnerRecord(name="Anna", mail="anna@example.org", phone="5"),)
    assert take("zone,kind,blocked by\nplant,protected,firewall\n").zones[0].blocked == "firewall"
    points = take("scan point,zone,engine,minion\nsp,plant,salt,sp.plant\n")
    assert points.scan_points == (ScanPointRecord(name="sp", zone="plant", minion="sp.plant"),)
    with_subnets = take("ip,hostname,subnet,colour\n10.0.0.1,a,10.0.0.0/24,red\n")
    assert len(with_subnets.hosts) == 1
    assert with_subnets.notes[0].why == "read as hosts; columns not taken: subnet, colour"


def test_what_does_not_fit_is_named_with_its_line() -> None:
    text = 'ip,name\n10.0.0.1,ok\n\nnonsense,\n10.0.0.2,ok,more\n10.0.0.3,"open\nline"\n10.0.0.4,\'=1+1\n'
    found = take(text)
    assert [host.address for host in found.hosts] == ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]
    assert [part.where for part in found.skipped] == ["line 4", "line 4", "line 5", "lines 6 to 7", "line 8"]
    long = take("ip,name\n10.0.0.1,a\n10.0.0.2," + "x" * 70_000 + "\n10.0.0.3,b\n")
    assert [host.name for host in long.hosts] == ["a", "b"]
    assert long.skipped[0].where == "line 3"
    swallowed = take('ip,name\n10.0.0.1,a\n10.0.0.2,"' + "x\n" * 80_000)
    assert "open quote" in swallowed.skipped[0].why
    with pytest.raises(WrongUse, match="no header that is known"):
        take("a,b\n1,2\n")
    with pytest.raises(WrongUse, match="may be"):
        take("name,kind,phone\na,lab,5\n")


def test_recognised_and_split() -> None:
    assert is_csv(["", "Hostname;IP"])
    assert not is_csv(["Dear all,"])
    assert not is_csv([])
    rows = list(read_rows(open_bytes(b"sep=;\na;b\n1;2\n"), Harvest()))
    assert rows == [("line 2", ["a", "b"]), ("line 3", ["1", "2"])]


@given(st.text(alphabet='ip,name;"\n\t0123.', max_size=200) | st.text(max_size=200) | st.binary(max_size=200))
def test_hostile_files(data: str | bytes) -> None:
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    for start in (b"ip,name\n10.0.0.1,", b""):
        with suppress(WrongUse):
            take(start + raw)
