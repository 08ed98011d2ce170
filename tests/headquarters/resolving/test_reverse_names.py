"""Against Debian's dnsmasq in a network of its own, and against servers that lie."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dns.flags
import dns.message
import dns.rdatatype
import dns.reversename
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered_hq.model.inventory import HostRecord, Skipped
from codered_hq.resolving import reverse_names
from codered_hq.resolving.asking import AskLimits, Heard, Question
from codered_hq.resolving.reverse_names import ReverseNames, find_reverse_names, make_record
from tests.fixtures.networks import WORLD, Namespace, inside, joined_namespaces
from tests.fixtures.small_responders import running_responder

DNSMASQ = "/usr/sbin/dnsmasq"
QUICK = AskLimits(seconds=0.4, tries=2)
RECORDS = (
    "--host-record=web1.example,10.20.30.5,fd00:20:30::5",
    "--ptr-record=6.30.20.10.in-addr.arpa,liar.example",
    "--host-record=moved.example,10.20.30.99",
    "--ptr-record=7.30.20.10.in-addr.arpa,moved.example",
    "--ptr-record=8.30.20.10.in-addr.arpa,not_a;host.example",
    "--cname=alias.example,web1.example",
    "--ptr-record=9.30.20.10.in-addr.arpa,two.example",
    "--ptr-record=9.30.20.10.in-addr.arpa,three.example",
    "--host-record=three.example,10.20.30.9",
)


@contextmanager
def running_dnsmasq(space: Namespace, folder: Path) -> Iterator[None]:
    assert Path(DNSMASQ).exists(), "Debian package dnsmasq is missing"
    words = ["-k", "-C", "/dev/null", "-R", "-h", "--user=root", f"--pid-file={folder}/pid", "--local=/#/", *RECORDS]
    process = subprocess.Popen(space.command(DNSMASQ, *words), stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 10
        while "dnsmasq" not in space.run("ss", "-lunp", "sport", "=", ":53").stdout:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < until, "dnsmasq does not listen"
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_names_are_believed_if_they_lead_back(tmp_path: Path) -> None:
    asked = [f"10.20.30.{low}" for low in (5, 6, 7, 8, 9, 10)] + ["fd00:20:30::5"]
    servers = (("10.20.30.250", 53), (WORLD, 53))  # silent, ours
    with joined_namespaces() as network, running_dnsmasq(network.world, tmp_path), inside(network.host):
        (lost,) = find_reverse_names(["10.20.30.5"], ((WORLD, 4053),), QUICK)
        found = list(find_reverse_names(asked, servers, QUICK))
        assert list(find_reverse_names(["10.20.30.5"], (), QUICK)) == [
            Skipped(where="10.20.30.5", why="DNS: no server to ask")
        ]
    names = {one.address: one for one in found if isinstance(one, ReverseNames)}
    assert names["10.20.30.5"].confirmed == names["fd00:20:30::5"].confirmed == ("web1.example",)
    assert make_record(names["10.20.30.5"]) == HostRecord(address="10.20.30.5", name="web1.example")
    assert names["10.20.30.6"].confirmed == ()
    assert [one.why for one in names["10.20.30.6"].doubted] == ["it leads to no address, not back to 10.20.30.6"]
    assert [one.why for one in names["10.20.30.7"].doubted] == ["it leads to 10.20.30.99, not back to 10.20.30.7"]
    assert make_record(names["10.20.30.7"]) is None
    assert [one.why for one in names["10.20.30.8"].doubted] == ["a name that no host can have"]
    assert names["10.20.30.9"].confirmed == ("three.example",)
    assert [one.where for one in names["10.20.30.9"].doubted] == ["two.example"]
    (nameless,) = (one for one in found if isinstance(one, Skipped))
    assert (nameless.where, nameless.why) == ("10.20.30.10", "DNS: it has no name there")
    assert isinstance(lost, Skipped)
    assert lost.why == f"DNS: {WORLD}: the host is there, and nothing listens on UDP port 4053"


LYING = r"""
def answer(packet, sender, local):
    replies = {
        # the name points at itself for ever; a count of records that are not there; another question
        1: packet[:2] + b"\x84\0\0\1\0\1\0\0\0\0" + packet[12:packet.index(b"\0", 12) + 5] + b"\xc0\x0c" * 90,
        2: packet[:2] + b"\x84\0\0\1\xff\xff\0\0\0\0" + b"\xc0\x0c\0\x0c\0\1",
        3: packet[:2] + b"\x84\0\0\1\0\0\0\0\0\0" + b"\1x\0\0\x0c\0\1",
        4: packet[:2] + b"\x84\5" + packet[4:],
    }
    return [replies[packet[13] - 48]]
"""


def test_servers_that_lie_are_reasons() -> None:
    with (
        joined_namespaces() as network,
        running_responder(network.world, LYING, 53, WORLD),
        inside(network.host),
    ):
        found = list(find_reverse_names([f"10.0.0.{low}" for low in (1, 2, 3, 4)], ((WORLD, 53),), QUICK))
    whys = {one.where: one.why for one in found if isinstance(one, Skipped)}
    assert len(whys) == 4
    assert all(why.startswith(f"DNS: {WORLD}: ") for why in whys.values())
    assert whys["10.0.0.3"].endswith("an answer to another question")
    assert whys["10.0.0.4"].endswith("it answers REFUSED")


@given(st.binary(max_size=300))
def test_hostile_answers_raise_nothing_else(data: bytes) -> None:
    asked = dns.message.make_query("1.0.0.10.in-addr.arpa", "PTR", id=258)
    heard = Heard(Question("10.0.0.1", b"", 258, ("192.0.2.1", 53)), b"\1\2\x84\0\0\1\0\1" + data, 64)
    with suppress(reverse_names._Unusable):
        assert isinstance(reverse_names._read_answer(heard, asked), tuple)


def test_aliases_without_an_end() -> None:
    asked = dns.message.make_query("a.example", "A", id=1)
    answer = dns.message.make_response(asked)
    text = "a.example. 60 IN CNAME b.example.\nb.example. 60 IN CNAME a.example.\n"
    answer.answer = dns.message.from_text(f"id 1\nopcode QUERY\nrcode NOERROR\nflags QR\n;ANSWER\n{text}").answer
    heard = Heard(Question("x", b"", 1, ("192.0.2.1", 53)), answer.to_wire(), 64)
    with pytest.raises(reverse_names._Unusable, match="without an end"):
        reverse_names._read_answer(heard, asked)
