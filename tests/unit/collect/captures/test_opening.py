import gzip
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as some

from codered.collect.captures import opening
from codered.collect.captures.libpcap import NoLibpcap, read_filtered
from codered.collect.captures.opening import is_capture, open_capture, show_address
from codered.model.errors import WrongUse
from codered.model.traffic import Attempt, Reply, Sent
from tests.fixtures.capture_files import (
    COOKED,
    COOKED2,
    ETHERNET,
    LOOP,
    RAW,
    Timed,
    frame,
    make_arp,
    make_block,
    make_interface,
    make_packet,
    make_pcap,
    make_pcapng,
    make_section,
    make_tcp,
    make_udp,
    pack_address,
)
from tests.fixtures.captured_talk import SIX, SIX_B, A, B, C, list_talked, read_bytes, read_capture, talk
from tests.fixtures.networks import HOST, running_network

WORM = Path(__file__).parents[3] / "fixtures" / "marker_worm.py"


@pytest.mark.parametrize("libpcap", [True, False])
@pytest.mark.parametrize("link", [ETHERNET, RAW, COOKED, COOKED2, LOOP])
def test_every_link_type_gives_the_same(tmp_path: Path, link: int, libpcap: bool) -> None:
    data = make_pcap([(at, frame(packet, link)) for at, packet in talk()], link=link)
    events, capture = read_bytes(data, tmp_path, libpcap=libpcap)
    assert events == list_talked()
    assert capture.through_libpcap is (libpcap and link != LOOP)
    assert (capture.packets, capture.first, capture.last, capture.troubles) == (len(talk()), 100.0, 106.0, [])


@pytest.mark.parametrize("libpcap", [True, False])
@pytest.mark.parametrize("tags", [(0x8100,), (0x88A8, 0x8100), (0x9100, 0x8100, 0x8100, 0x8100)])
def test_vlan_tags(tmp_path: Path, tags: tuple[int, ...], libpcap: bool) -> None:
    data = make_pcap([(at, frame(packet, tags=tags)) for at, packet in talk()])
    events, capture = read_bytes(data, tmp_path, libpcap=libpcap)
    assert events == list_talked()
    assert capture.through_libpcap is libpcap


@pytest.mark.parametrize("libpcap", [True, False])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nano", [True, False])
@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_byte_orders_and_clocks(tmp_path: Path, form: str, order: str, nano: bool, libpcap: bool) -> None:
    frames = [(at, frame(packet)) for at, packet in talk()]
    if form == "pcap":
        data = make_pcap(frames, order=order, nano=nano)
    else:
        data = make_pcapng(frames, order=order, resolution=9 if nano else 6)
    events, capture = read_bytes(data, tmp_path, libpcap=libpcap)
    assert events == list_talked()
    assert capture.through_libpcap is libpcap
    assert capture.kind == f"a capture ({form})"
    assert (capture.packets, capture.first, capture.last, capture.troubles) == (len(talk()), 100.0, 106.0, [])


@pytest.mark.parametrize("name", ["gz", "zst"])
def test_packed(tmp_path: Path, name: str) -> None:
    data = make_pcapng([(at, frame(packet)) for at, packet in talk()])
    data += make_block(5, random.Random(1).randbytes(2 << 20))  # statistics, which do not pack
    packed = gzip.compress(data) if name == "gz" else zstandard.compress(data)
    events, capture = read_bytes(packed, tmp_path)
    assert events == list_talked()
    assert capture.kind == f"a capture (pcapng, {name})"
    assert not capture.through_libpcap
    events, capture = read_bytes(packed[: len(packed) // 2], tmp_path)
    assert events == list_talked()[: len(events)]
    assert any("could not be read to its end" in trouble for trouble in capture.troubles)


def test_sections_and_interfaces_of_their_own(tmp_path: Path) -> None:
    packets = [packet for _, packet in talk()]
    times = [at for at, _ in talk()]
    links = [ETHERNET, RAW, COOKED]
    data = make_section("<") + b"".join(make_interface(link) for link in links) + make_block(5, b"statistics  ")
    for number, packet in enumerate(packets[:9]):
        data += make_packet(times[number], frame(packet, links[number % 3]), interface=number % 3)
    data += make_section(">") + make_interface(RAW, ">", resolution=0x80 | 10)
    for number, packet in enumerate(packets[9:], 9):
        data += make_packet(times[number], packet, ">", resolution=0x80 | 10)
    events, capture = read_bytes(data, tmp_path)
    assert [type(event) for event in events] == [type(event) for event in list_talked()]
    assert [event.at for event in events] == pytest.approx([event.at for event in list_talked()], abs=0.001)
    assert not capture.through_libpcap
    assert (capture.packets, capture.troubles) == (len(packets), [])


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_cut_files_give_what_is_whole(tmp_path: Path, form: str) -> None:
    frames = [(at, frame(packet)) for at, packet in talk()]
    data = make_pcap(frames) if form == "pcap" else make_pcapng(frames)
    whole, _ = read_bytes(data, tmp_path)
    for size in range(len(data) - 60, 60, -211):
        events, capture = read_bytes(data[:size], tmp_path)
        kept = [event for event in events if not isinstance(event, Sent)]
        assert kept == [event for event in whole if not isinstance(event, Sent)][: len(kept)]
        assert not capture.packets or capture.troubles
    assert any("ends within" in trouble for trouble in read_bytes(data[:-3], tmp_path)[1].troubles)


def test_snaplen_68_shows_attempts(tmp_path: Path) -> None:
    frames = [(at, frame(packet)) for at, packet in talk()]
    path = tmp_path / "short"
    path.write_bytes(make_pcap(frames, snaplen=68))
    events, capture = read_capture(path)
    wanted = [event for event in list_talked() if isinstance(event, Attempt)]
    assert [event for event in events if isinstance(event, Attempt)] == wanted
    answers = [event.outcome for event in events if isinstance(event, Reply)]
    assert answers == ["answered", "refused", "silent", *2 * ["answered"], "unreachable", "answered"]  # v6 quotes more
    assert any("cut before the end" in trouble for trouble in capture.troubles) or not capture.troubles


def test_lies_are_troubles(tmp_path: Path) -> None:
    good = make_pcap([(at, frame(packet)) for at, packet in talk()])
    lies = {
        "ends within": good + b"\1\0\0\0" * 3,
        "is said to hold": good + b"\1\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\0\0\0",
        "lengths that can't be": good + b"\x6a\0\0\0\0\0\0\0\2\0\0\0\1\0\0\0xx",
        "a time that can't be": good + b"\x6a\0\0\0\xff\xff\xff\xff\0\0\0\0\1\0\0\0",
        "clock goes back": good + b"\1\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0",
    }
    for said, data in lies.items():
        events, capture = read_bytes(data, tmp_path)
        assert events == list_talked(), said
        assert any(said in trouble for trouble in capture.troubles), (said, capture.troubles)
        assert not capture.through_libpcap


def test_pcapng_lies_are_troubles(tmp_path: Path) -> None:
    good = make_pcapng([(at, frame(packet)) for at, packet in talk()])
    lies = {
        "block is said to be": good + b"\6\0\0\0\xff\xff\xff\xff" + b"\0" * 20,
        "without a byte order": good + b"\n\r\r\n\x1c\0\0\0" + b"\0" * 20,
        "an interface the file does not describe": good + make_packet(107.0, b"", interface=9),
        "a time that can't be": good + make_packet(1e13, b""),
        "have no time": good + make_block(3, b"\0\0\0\0"),
        "lengths that can't be": good + make_block(6, b"\0" * 12 + b"\xff\0\0\0\xff\0\0\0"),
    }
    for said, data in lies.items():
        events, capture = read_bytes(data, tmp_path)
        assert events == list_talked(), said
        assert any(said in trouble for trouble in capture.troubles), (said, capture.troubles)
    events, capture = read_bytes(make_section() + make_packet(1.0, b"x"), tmp_path)
    assert events == []
    assert "there is no packet in it" in capture.troubles


def test_link_types_that_are_not_read_are_named(tmp_path: Path) -> None:
    events, capture = read_bytes(make_pcap([(1.0, b"x" * 80)], link=105), tmp_path)
    assert events == []
    assert capture.troubles == ["1 packets are of link type 105 (IEEE 802.11), which is not read"]


def test_arp_questions(tmp_path: Path) -> None:
    packets = [make_arp(A, B), make_arp(B, A, reply=True), make_arp(A, C), make_arp(A, C), make_arp(A, A)]
    a, b, c = map(pack_address, (A, B, C))
    for libpcap in (True, False):
        data = make_pcap([(float(at), frame(packet)) for at, packet in enumerate(packets)])
        assert read_bytes(data, tmp_path, libpcap=libpcap)[0] == [
            Attempt(0.0, a, a, b, 0, "arp"),
            Reply(1.0, a, b, 0, "answered", "arp"),
            Attempt(2.0, a, a, c, 0, "arp"),
            Reply(3.0, a, c, 0, "silent", "arp"),
        ]


def test_libpcap_failing_midway_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_pcap([(at, frame(packet)) for at, packet in talk()])
    real = read_filtered
    for broken_after in range(1, 12, 3):

        def fail(*words: object, stop: int = broken_after) -> object:
            for number, packet in enumerate(real(*words)):  # type: ignore[arg-type]
                if number == stop:
                    raise NoLibpcap("broken")
                yield packet

        monkeypatch.setattr(opening, "read_filtered", fail)
        events, capture = read_bytes(data, tmp_path)
        assert events == list_talked()
        assert not capture.through_libpcap


def test_what_is_no_capture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("a text that is longer than the head of a capture")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "odd").write_bytes(b"\x34\xcd\xb2\xa1" + b"\0" * 40)
    (tmp_path / "link").symlink_to("text")
    os.mkfifo(tmp_path / "pipe")
    for name in ("text", "empty", "link", "pipe", "none", "odd", "."):
        with pytest.raises(WrongUse) as told:
            open_capture(os.fsencode(tmp_path / name))
        assert str(tmp_path) in str(told.value)
        assert "\n" not in str(told.value)
    with pytest.raises(WrongUse):
        open_capture(b"a\0b")


def test_who_is_told_by_address(tmp_path: Path) -> None:
    _, capture = read_bytes(make_pcap([]), tmp_path)
    assert capture.describe(pack_address(A)).address == A
    assert capture.describe(pack_address(SIX)).address == SIX
    assert capture.describe(pack_address(A)).why_no_process
    assert show_address(b"odd") == ""
    assert is_capture(make_pcap([])[:24])
    assert not is_capture(b"\xd4\xc3\xb2\xa1")


ADDRESSES = some.sampled_from((A, B, C, SIX, SIX_B))
PORTS = some.sampled_from((53, 80, 81, 1001, 40000))
MADE = some.builds(
    lambda end, other, flags, number, data: (
        make_tcp(end, (end[0] if (":" in end[0]) != (":" in other[0]) else other[0], other[1]), flags,
                 sequence=number, data=data)
    ),
    some.tuples(ADDRESSES, PORTS), some.tuples(ADDRESSES, PORTS), some.integers(0, 63), some.integers(0, 30),
    some.sampled_from((b"", b"GET / HTTP/1.0\r\n\r\n", b"POST / HTTP/1.0\r\n", b"data")),
)  # fmt: skip
ANY = some.one_of(MADE, some.binary(max_size=90), some.just(make_arp(A, B)), some.just(make_udp((A, 53), (B, 9))))


@settings(max_examples=150, deadline=None)
@given(some.lists(some.tuples(some.floats(0, 10), ANY), max_size=12), some.sampled_from((ETHERNET, RAW, COOKED)))
def test_both_readers_give_the_same(packets: list[Timed], link: int) -> None:
    frames = [(at, frame(packet, link)) for at, packet in sorted(packets, key=lambda packet: packet[0])]
    with tempfile.TemporaryDirectory() as folder:
        data = make_pcap(frames, link=link)
        through, capture = read_bytes(data, Path(folder))
        alone, own = read_bytes(data, Path(folder), libpcap=False)
    assert capture.through_libpcap
    assert through == alone
    assert (capture.packets, capture.first, capture.last) == (own.packets, own.first, own.last)


@settings(max_examples=150, deadline=None)
@given(some.sampled_from(("pcap", "pcapng")), some.lists(some.tuples(some.integers(0, 3000), some.integers(0, 255))))
def test_damage_never_raises(form: str, damage: list[tuple[int, int]]) -> None:
    frames = [(at, frame(packet)) for at, packet in talk()]
    data = bytearray(make_pcap(frames) if form == "pcap" else make_pcapng(frames))
    for at, value in damage:
        if 24 <= at < len(data):
            data[at] = value
    with tempfile.TemporaryDirectory() as folder:
        through, _ = read_bytes(bytes(data), Path(folder))
        alone, _ = read_bytes(bytes(data), Path(folder), libpcap=False)
    assert through == alone


def test_a_real_capture_of_the_marker_worm(tmp_path: Path) -> None:
    path = tmp_path / "real.pcap"
    with running_network() as network:
        dump = subprocess.Popen(
            network.host.command("tcpdump", "-i", "cable", "-U", "-Z", "root", "-w", str(path)), stderr=subprocess.PIPE
        )
        try:
            assert dump.stderr is not None
            assert any(b"listening" in line for line in dump.stderr)
            words = ("--rate", "100", "--count", "60", "--answering", "0.2", "--send", "GET /inert-marker\\r\\n\\r\\n")
            said = network.host.run(sys.executable, str(WORM), *words).stdout.splitlines()
        finally:
            dump.send_signal(signal.SIGINT)  # it writes what it holds, and ends
            dump.communicate(timeout=20)
    for libpcap in (True, False):
        events, _ = read_capture(path, libpcap=libpcap, ports=(80,))
        host = pack_address(HOST)
        tried = [show_address(event.destination) for event in events if isinstance(event, Attempt) and event.port == 80]
        assert sorted(tried) == sorted(line.split()[1] for line in said)
        answered = [e for e in events if isinstance(e, Reply) and e.outcome == "answered" and e.port == 80]
        assert len(answered) == sum(line.endswith("answered") for line in said) > 0
        assert [e.data for e in events if isinstance(e, Sent)] == [b"GET /inert-marker\r\n\r\n"] * len(answered)
        assert all(event.actor == host for event in events if isinstance(event, Attempt) and event.port == 80)
    flags = "tcp.flags.syn==1 and tcp.flags.ack==0 and not tcp.analysis.retransmission"
    shown = subprocess.run(["tshark", "-r", str(path), "-Y", flags], capture_output=True, text=True, check=True).stdout
    assert len(shown.splitlines()) == len(tried)
