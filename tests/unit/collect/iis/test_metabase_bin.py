from pathlib import Path

import pytest

from codered.collect.iis.gathering import ConfigText, Gathering
from codered.collect.iis.metabase_bin import NOT_JUDGED, read_metabase_bin
from codered.model.paths import FilePath
from codered.model.windows import IisSeen
from codered.targets.offline_root import OfflineRoot


def read(data: bytes, root: Path) -> IisSeen:
    gathering = Gathering(OfflineRoot(str(root)))
    read_metabase_bin(ConfigText(FilePath("/x/MetaBase.bin"), "C:\\WINNT\\MetaBase.bin", data), gathering)
    return gathering.finish()


@pytest.mark.parametrize("encoding", ["ascii", "utf-16-le"])
def test_published_drives_are_told_by_their_strings(tmp_path: Path, encoding: str) -> None:
    text = "\x01c:\\inetpub\\wwwroot\0\x02ROOT/c\0\x03\x04c:\\\0\0\x05d:\\\0\0"
    seen = read(bytes(100) + text.encode(encoding) + bytes(5000), tmp_path)
    assert [(item.url, item.physical, item.key, item.place.line) for item in seen.directories] == [
        ("/c", "c:\\", "", 0)
    ]
    assert seen.undetermined == (("C:\\WINNT\\MetaBase.bin", NOT_JUDGED),)


def test_without_such_strings_it_still_is_not_judged(tmp_path: Path) -> None:
    for data in (b"", b"xc:\\\0ROOT/c\0", b"c:\\inetpub\0ROOT/c\0", b"\0c:\\\0" + bytes(9000) + b"ROOT/c\0"):
        seen = read(data, tmp_path)
        assert seen.directories == ()
        assert seen.undetermined
    seen = read(b"\x01q:\\\0" * 1000, tmp_path)
    assert seen.unread == (("C:\\WINNT\\MetaBase.bin", "more than 100 roots of drives: the others are not judged"),)
