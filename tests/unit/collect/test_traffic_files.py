import gzip
import os
import shutil
from pathlib import Path

import pytest

from codered.collect.traffic_files import open_traffic
from codered.model.errors import WrongUse
from codered.model.traffic import SeenTraffic

FLOWS = Path(__file__).parents[2] / "fixtures" / "flows"
PCAP = bytes.fromhex("d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000")


def read(path: Path, columns: str = "") -> tuple[str, list[SeenTraffic], list[str]]:
    source = open_traffic(bytes(path), columns)
    try:
        return source.kind, list(source.read()), source.troubles
    finally:
        source.close()


@pytest.mark.parametrize(
    ("name", "kind", "events"),
    [
        ("conn.log", "a flow log (Zeek conn)", 14),
        ("http.log", "a flow log (Zeek http)", 2),
        ("dns.log", "a flow log (Zeek dns)", 2),
        ("conn.json", "a flow log (Zeek, JSON)", 6),
        ("eve.json", "a flow log (Suricata EVE)", 12),
        ("nfdump.csv", "a flow table (nfdump -o csv)", 6),
        ("vpc.log", "a flow table (AWS VPC)", 4),
    ],
)
def test_a_file_is_told_by_its_content(name: str, kind: str, events: int, tmp_path: Path) -> None:
    plain, packed = tmp_path / "a", tmp_path / "b"
    shutil.copy(FLOWS / name, plain)
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read(plain)[0] == kind
    assert len(read(plain)[1]) == events
    assert read(packed) == read(plain)


def test_a_capture_is_handed_to_its_reader(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(PCAP)
    assert "pcap" in read(path)[0]


def test_a_column_map_makes_any_table_readable() -> None:
    columns = "time=when,source=from,destination=to,port=dport,outcome=result"
    assert len(read(FLOWS / "table.csv", columns)[1]) == 6
    with pytest.raises(WrongUse, match="no traffic that is known"):
        read(FLOWS / "table.csv")


def test_a_folder_is_all_its_files_in_time_and_names_the_others(tmp_path: Path) -> None:
    for name in ("conn.log", "http.log", "dns.log"):
        shutil.copy(FLOWS / name, tmp_path / name)
    (tmp_path / "notes").write_text("hello\n")
    (tmp_path / "link").symlink_to(FLOWS / "eve.json")
    kind, events, troubles = read(tmp_path)
    assert kind == "a folder with 3 files of traffic"
    assert len(events) == 18
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert troubles == ["not read: link: no plain file", "not read: notes: no traffic that is known"]


def test_an_empty_folder_a_link_a_pipe_and_nothing_are_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(FLOWS / "conn.log")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "nfcapd").write_bytes(b"\x0c\xa5\1\0" + bytes(100))
    (tmp_path / "ssl.log").write_text("#separator \\x09\n#path\tssl\n#fields\tts\tuid\n")
    descriptors = os.listdir("/proc/self/fd")
    for name, why in (("folder", "no file of traffic"), ("link", "can't be opened"), ("pipe", "neither a file"),
                      ("empty", "nothing in it"), ("missing", "can't be opened"), ("nfcapd", "nfdump's own"),
                      ("ssl.log", "ssl"), ("a\0b", "can't be opened")):  # fmt: skip
        with pytest.raises(WrongUse, match=why):
            open_traffic(os.fsencode(tmp_path) + b"/" + name.encode())
    assert os.listdir("/proc/self/fd") == descriptors
