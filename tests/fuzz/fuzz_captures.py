"""Fuzzing the readers of captures: whatever the bytes, they end, raise nothing but WrongUse, and agree with each other.

    .venv/bin/python tests/fuzz/fuzz_captures.py -max_total_time=60 [FOLDER OF SEEDS]
    .venv/bin/python tests/fuzz/fuzz_captures.py --make-seeds FOLDER

An input is a file as it is, or, with a first byte below 16, frames of a link type in a good file: each a byte of its
length and its bytes. Not collected by pytest.
"""

import gzip
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import atheris  # noqa: E402

with atheris.instrument_imports(include=["codered.collect"], enable_loader_override=False):
    from codered.collect.captures.links import load_link_types
    from codered.collect.captures.opening import Capture
    from codered.model.errors import WrongUse
    from codered.model.traffic import SeenTraffic

from tests.fixtures import capture_files as made  # noqa: E402

_PORTS = (80, 445, 1434)
_LINKS = sorted(load_link_types().read)
_LEAST_OF_FILES = 16


def try_one(data: bytes) -> None:
    """What the fuzzer calls."""
    if data[:1] and data[0] < _LEAST_OF_FILES:
        link = _LINKS[data[0] % len(_LINKS)]
        data = made.make_pcap(_split(data[1:]), link=link)
    try:
        through, alone = _read(data, may_use_libpcap=True), _read(data, may_use_libpcap=False)
    except WrongUse:
        return
    assert through == alone, "the readers disagree"


def _split(data: bytes) -> list[made.Timed]:
    frames: list[made.Timed] = []
    at = 0
    while at < len(data):
        frames.append((float(len(frames)), data[at + 1 : at + 1 + data[at]]))
        at += 1 + data[at]
    return frames


def _read(data: bytes, *, may_use_libpcap: bool) -> list[SeenTraffic]:
    descriptor = os.memfd_create("capture")
    try:
        os.write(descriptor, data)
        capture = Capture(descriptor, _PORTS, may_use_libpcap=may_use_libpcap)
        events = list(capture.read())
        assert all(len(trouble) < 1000 for trouble in capture.troubles)
    finally:
        os.close(descriptor)
    return events


def make_seeds(folder: Path) -> None:
    """Small captures of every kind, and frames of every link type."""
    one, other, six = ("192.0.2.1", 4000), ("192.0.2.2", 80), ("2001:db8::1", 80)
    syn = made.make_tcp(one, other, made.SYN)
    packets = [
        syn,
        made.make_tcp(other, one, made.SYN | made.ACK),
        made.make_tcp(one, other, made.ACK, sequence=1001, data=b"GET /inert HTTP/1.0\r\n"),
        made.make_tcp(one, other, made.RST),
        made.make_tcp(("2001:db8::2", 4000), six, made.SYN),
        made.make_udp(one, ("192.0.2.2", 1434)),
        made.make_dns_answer("192.0.2.53", one, "a.example", ["192.0.2.7", "2001:db8::7"]),
        made.make_arp("192.0.2.1", "192.0.2.9"),
        made.make_unreachable("192.0.2.254", syn),
    ]
    timed = [(float(at), made.frame(packet)) for at, packet in enumerate(packets)]
    tagged = [(at, made.frame(packet, tags=(0x88A8, 0x8100))) for at, packet in enumerate(packets)]
    files = {
        "pcap": made.make_pcap(timed),
        "pcap-nano": made.make_pcap(tagged, order=">", nano=True),
        "pcap-short": made.make_pcap(timed, snaplen=68),
        "pcapng": made.make_pcapng(timed),
        "pcapng-big": made.make_pcapng(tagged, order=">", resolution=0x80 | 20),
        "pcap.gz": gzip.compress(made.make_pcap(timed)),
    }
    for number, link in enumerate(_LINKS):
        frames = [made.frame(packet, link) for packet in packets]
        files[f"frames-{link}"] = bytes([number]) + b"".join(bytes([len(one)]) + one for one in frames)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def main() -> None:
    """Make seeds, or fuzz as libFuzzer's options say."""
    if sys.argv[1:2] == ["--make-seeds"]:
        make_seeds(Path(sys.argv[2]))
        return
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
