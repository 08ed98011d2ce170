from pathlib import Path

from codered.collect.iis.gathering import Gathering
from codered.collect.iis.virtual_roots import read_version, read_virtual_roots
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.iis_configs import HIVE, VIRTUAL_ROOTS, TableRegistry


def test_virtual_roots_with_their_masks(tmp_path: Path) -> None:
    ftp = VIRTUAL_ROOTS.replace("W3SVC", "MSFTPSVC")
    registry = TableRegistry(
        {
            VIRTUAL_ROOTS: {
                "/c": "c:\\,,217",
                "/a,10.0.0.1": "C:\\x,y\\z,user,5",
                "odd": "c:\\no mask",
                "/n": 7,
                "/e": "",
            },
            ftp: {"/pub": "D:\\pub,,3"},
        }
    )
    gathering = Gathering(OfflineRoot(str(tmp_path)))
    read_virtual_roots(registry, gathering)
    got = [(item.site, item.url, item.value, item.physical, item.access_flags) for item in gathering.directories]
    assert got == [
        ("", "/c", "/c", "c:\\", 0x217), ("", "/a", "/a,10.0.0.1", "C:\\x,y\\z", 5),
        ("", "/odd", "odd", "c:\\no mask", None),
        ("", "/n", "/n", "7", None), ("", "/e", "/e", "", None), ("ftp", "/pub", "/pub", "D:\\pub", 3),
    ]  # fmt: skip
    first = gathering.directories[0]
    assert (first.key, first.place.path, first.place.shown, first.place.line) == (
        VIRTUAL_ROOTS,
        HIVE.path,
        HIVE.shown,
        0,
    )
    assert first.place.data == "c:\\,,217\0".encode("utf-16-le")
    assert first.hive_state == "clean"
    assert first.rights == ("read", "write", "execute", "source", "script")


def test_the_version() -> None:
    setup = "HKLM\\SOFTWARE\\Microsoft\\InetStp"
    parameters = "HKLM\\SYSTEM\\ControlSet001\\Services\\W3SVC\\Parameters"
    assert read_version(TableRegistry({setup: {"MajorVersion": 10, "MinorVersion": 0}})) == "10.0"
    assert read_version(TableRegistry({parameters: {"MajorVersion": 5}})) == "5.0"
    assert read_version(TableRegistry({parameters: {"MajorVersion": "five"}})) == ""
    assert read_version(TableRegistry()) == ""
