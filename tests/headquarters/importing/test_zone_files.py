from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered_hq.importing.harvest import Harvest, Options
from codered_hq.importing.zone_files import is_zone_file, read_zone_file
from codered_hq.model.inventory import Inventory, Source
from tests.fixtures.opened_sources import open_bytes

ZONE = Path(__file__).parents[2] / "fixtures" / "inventory" / "example.org.zone"


def take(text: str, origin: str = "") -> Inventory:
    harvest = Harvest(Options(origin=origin))
    read_zone_file(open_bytes(text.encode("utf-8", "replace")), harvest)
    return harvest.finish(Source(kind="zone-file", name="x"))


def test_names_aliases_and_pointers() -> None:
    found = take(ZONE.read_text())
    assert [(host.name, host.address) for host in found.hosts] == [
        ("web-01.example.org", "192.0.2.10"),
        ("ns1.example.org", "192.0.2.53"),
        ("mail.example.org", "192.0.2.25"),
        ("mail.example.org", "2001:db8::25"),
        ("web-01.example.org", "192.0.2.10"),
        *((f"pc-{n}.example.org", f"198.51.100.{n}") for n in (1, 2, 3)),
        ("www.example.org", "192.0.2.10"),
        ("web.example.org", "192.0.2.10"),
    ]
    assert [part.where for part in found.skipped] == ["name far.example.org"]
    assert {note.where for note in found.notes} == {
        "name *.any.example.org",
        "name localhost.example.org",
    } or found.notes


def test_origins() -> None:
    assert take("www IN A 192.0.2.1\n", "example.org").hosts[0].name == "www.example.org"
    bare = take("www IN A 192.0.2.1\nother.example.net. A 192.0.2.2\n")
    assert [host.name for host in bare.hosts] == ["www", "other.example.net"]
    assert "no $ORIGIN" in bare.notes[0].why
    with pytest.raises(WrongUse, match="not a host's name"):
        take("www A 192.0.2.1\n", "a b\n$INCLUDE /etc/passwd")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("$INCLUDE /etc/passwd", r"x:2: \$INCLUDE is not followed"),
        (" $include other", r"\$INCLUDE is not followed"),
        ("$GENERATE 1-999999999 a$ A 10.0.0.1", "too many names"),
        ("$GENERATE 1-60000 a$ A 10.0.0.1\n$GENERATE 1-60000 b$ A 10.0.0.1", "too many names"),
        ("$GENERATE 1-10/0 a$ A 10.0.0.1", "too many names"),
        ("( $GENERATE 1-9 a$ A 10.0.0.1 )", "is not understood"),
        ("$generate (\n1-999999999 a$ A 10.0.0.1 )", "is not understood"),
        ("www IN A nonsense", "not a zone file: [23]"),
        ("www IN A 10.0.0.1 (", "not a zone file"),
        ("$UNKNOWN x", "not a zone file"),
    ],
)
def test_what_is_refused(line: str, why: str) -> None:
    harvest = Harvest()
    with pytest.raises(WrongUse, match=why):
        read_zone_file(open_bytes(f"ok IN A 10.0.0.9\n{line}\n".encode(), "x"), harvest)


def test_loops_of_aliases_end() -> None:
    found = take("a CNAME b\nb CNAME a\nc A 10.0.0.1\n5.x.in-addr.arpa. PTR c\n")
    assert len(found.hosts) == 1
    assert len(found.skipped) == 3
    assert is_zone_file(["www 3600 IN A 10.0.0.1"])
    assert is_zone_file(["$TTL 1h"])
    assert not is_zone_file(["www,10.0.0.1"])


@given(st.text(alphabet='$GENRATEINCLUD @.\\"();\n0123A', max_size=120) | st.text(max_size=120))
def test_hostile_files(text: str) -> None:
    with suppress(WrongUse):
        take(f"$ORIGIN example.org.\nwww IN A 10.0.0.1\n{text}\n")
