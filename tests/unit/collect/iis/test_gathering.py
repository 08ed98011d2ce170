from pathlib import Path

import pytest

from codered.collect.iis import gathering as room
from codered.collect.iis.gathering import ConfigText, Gathering, cut
from codered.engine.xml_elements import MOST_BYTES, Element, read_elements
from codered.model.paths import FilePath
from codered.model.windows import ConfigPlace, IisItem, VirtualDirectory
from codered.remediate.lines import hash_line, split_lines
from codered.targets.offline_root import OfflineRoot


def test_places_count_lines_as_plans_do() -> None:
    for text in ("<a>\r\n<b\n/>x<c/>\n\n</a>", '<?xml version="1.0" encoding="utf-16"?>\n<a>\u0a00\n<b\n/><c/></a>'):
        data = text.encode("utf-16-le" if "16" in text else "utf-8")
        found: list[Element] = []
        assert read_elements(data, found.append) == ""
        config = ConfigText(FilePath("/x/y"), "C:\\Windows\\y.config", data)
        lines = split_lines(data)
        for element in found:
            place = config.place(element)
            assert b"".join(lines[: place.line - 1]) == data[: len(b"".join(lines[: place.line - 1]))]
            start = len(b"".join(lines[: place.line - 1]))
            assert start <= place.start < start + len(lines[place.line - 1])
            assert place.sha256 == hash_line(lines[place.line - 1])
            assert len(b"".join(lines[: place.last_line])) >= place.end > len(b"".join(lines[: place.last_line - 1]))
            assert place.data == data[place.start : place.end][:256]
        assert config.name == "y.config"


def test_files_are_opened_once_and_bounded(tmp_path: Path) -> None:
    (tmp_path / "Windows/System32").mkdir(parents=True)
    (tmp_path / "small").write_bytes(b"x" * 10)
    with open(tmp_path / "large", "wb") as file:
        file.truncate(100 << 20)
    (tmp_path / "link").symlink_to("small")
    gathering = Gathering(OfflineRoot(str(tmp_path)))
    text = gathering.open_text(b"small")
    assert text is not None
    assert (text.data, text.shown) == (b"x" * 10, "C:\\small")
    assert gathering.open_text(b"small") is None
    assert gathering.open_text(b"large") is gathering.open_text(b"link") is gathering.open_text(b"none") is None
    seen = gathering.finish()
    assert [path.text.rpartition("/")[2] for path in seen.files] == ["small", "large"]
    why = dict(seen.unread)
    assert why["C:\\large"] == f"larger than {MOST_BYTES >> 20} MiB (104,857,600 bytes): it is not read"
    assert set(why) == {"C:\\large", "C:\\link", "C:\\none"}


def test_what_is_kept_is_bounded_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_SEEN", 3)
    monkeypatch.setattr(room, "MOST_NOTES", 2)
    gathering = Gathering(OfflineRoot(str(tmp_path)))
    place = ConfigPlace(path=FilePath("/x"), shown="C:\\x")
    for number in range(3):
        gathering.add_directory(VirtualDirectory(site="1", url=f"/{number}", physical="c:\\x", place=place))
        gathering.add_item(IisItem(kind="handler", name=str(number), place=place))
        gathering.add_logs(f"%SystemDrive%\\Logs{number}\\")
        gathering.add_undetermined("a", str(number))
    gathering.add_logs("c:\\logs0")
    seen = gathering.finish()
    assert len(seen.directories) + len(seen.items) == 3
    assert seen.unread == (("C:\\x", "more than 3 entries: the others are not judged"),)
    assert seen.logs == ("C:\\Logs0\\", "C:\\Logs1\\")
    assert len(seen.undetermined) == 2
    assert len(cut("x" * 10_000)) == 4096
