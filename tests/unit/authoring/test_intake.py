from pathlib import Path

import pytest

from codered.authoring.intake import gather, list_files, read_clean, read_lines
from codered.authoring.orders import Choice, Source
from codered.model.errors import WrongUse
from tests.fixtures.capture_files import frame, make_connection, write_pcap

LINE = '192.0.2.9 - - [01/Jan/2026:00:00:00 +0000] "GET /zork?x=1 HTTP/1.1" 404 1 "-" "Zork"\n'


def test_files_are_told_apart_by_content(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    (folder / "inner").mkdir(parents=True)
    (folder / "worm.bin").write_bytes(b"\0zork")
    (folder / "inner/twin.bin").write_bytes(b"\0zork")
    (folder / "access.log").write_text(LINE)
    (folder / "host.vmem").write_bytes(b"\0memory")
    (folder / "link").symlink_to("/etc/passwd")
    talk = make_connection(("192.0.2.1", 1001), ("192.0.2.2", 80), 1.0, sent=[b"GET /z HTTP/1.0\r\n\r\n"])
    write_pcap(folder / "c.pcap", [(at, frame(packet)) for at, packet in talk])
    found = gather((Source(str(folder)),))
    assert [sample.name for sample in found.samples] == ["worm.bin"]
    assert [(one.request, one.agent) for one in found.lines] == [("GET /zork?x=1", "Zork")]
    assert found.captures[0].sent[0].data.startswith(b"GET /z")
    assert [one.name for one in found.memory] == ["host.vmem"]
    assert any("2 files, 1 different" in note.what for note in found.notes)
    assert read_lines(str(folder / "access.log"))[0].raw == LINE.strip().encode()


def test_a_kind_can_be_given_and_a_log_must_be_one(tmp_path: Path) -> None:
    (tmp_path / "x").write_text(LINE)
    assert gather((Source(str(tmp_path / "x"), "sample"),)).samples
    (tmp_path / "y").write_text("hello\n")
    with pytest.raises(WrongUse, match="no request"):
        gather((Source(str(tmp_path / "y"), "log"),))
    with pytest.raises(WrongUse, match="no capture") as caught:
        gather((Source(str(tmp_path / "y"), "capture"),))
    assert "--columns" not in str(caught.value)
    with pytest.raises(WrongUse, match="no such file"):
        list(list_files(str(tmp_path / "gone")))
    for number in range(65):
        (tmp_path / f"many{number}").write_bytes(b"%d" % number)
    with pytest.raises(WrongUse, match="more than"):
        gather((Source(str(tmp_path), "sample"),))


def test_clean_files_that_can_not_be_read_are_noted(tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(b"good")
    (tmp_path / "none").touch()
    notes: list[Choice] = []
    assert [sample.name for _, sample in read_clean([str(tmp_path)], notes)] == ["good"]
    assert "none" in notes[0].what


def test_a_file_that_goes_away_during_the_walk_is_passed_over(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(b"zork")
    found = list_files(str(tmp_path))
    assert next(found) == str(tmp_path / "a")
    (tmp_path / "b").unlink()
    assert list(found) == [str(tmp_path / "c")]
