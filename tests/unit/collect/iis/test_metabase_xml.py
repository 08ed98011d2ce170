from pathlib import Path

from codered.collect.iis.gathering import ConfigText, Gathering
from codered.collect.iis.metabase_xml import MOST_ENTRIES, read_metabase_xml, split_extensions, split_mappings
from codered.model.paths import FilePath
from codered.model.windows import IisSeen
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.iis_configs import CLEAN_METABASE

WHERE = "C:\\WINDOWS\\system32\\inetsrv\\MetaBase.xml"


def read(data: bytes, root: Path) -> IisSeen:
    gathering = Gathering(OfflineRoot(str(root)))
    read_metabase_xml(ConfigText(FilePath("/x/MetaBase.xml"), WHERE, data), gathering)
    return gathering.finish()


def wrap(*keys: str, namespace: str = "urn:microsoft-catalog:XML_Metabase_V54_0") -> bytes:
    body = "".join(f"<{key}>\n</{key.partition(' ')[0]}>\n" for key in keys)
    start = f'<?xml version="1.0"?>\n<configuration xmlns="{namespace}"><MBProperty>\n'
    return f"{start}{body}</MBProperty></configuration>".encode()


def test_the_keys_of_a_metabase(tmp_path: Path) -> None:
    data = CLEAN_METABASE.read_bytes()
    seen = read(data, tmp_path)
    (root,) = seen.directories
    assert (root.site, root.url, root.physical, root.key) == ("1", "/", "c:\\inetpub\\wwwroot", "/LM/W3SVC/1/root")
    assert (root.rights, root.access_flags) == (("read", "script"), 513)
    place = root.place
    assert data.split(b"\n")[place.line - 1].startswith(b"<IIsWebVirtualDir\tLocation")
    assert place.last_line - place.line == 6
    assert data[place.start : place.end].endswith(b"</IIsWebVirtualDir>")
    assert place.data == data[place.start : place.end][:256]
    kinds = [(item.kind, item.name, item.scope) for item in seen.items]
    assert kinds == [
        ("property", "AccessFlags", "/LM/W3SVC"), ("mapping", ".asp", "/LM/W3SVC"), ("mapping", ".cer", "/LM/W3SVC"),
        ("mapping", ".asa", "/LM/W3SVC"), ("filter", "ASP.NET_2.0.50727.0", "/LM/W3SVC/Filters/ASP.NET_2.0.50727.0"),
    ]  # fmt: skip
    assert seen.items[1].program == "C:\\WINDOWS\\system32\\inetsrv\\asp.dll"
    assert seen.logs == ("C:\\WINDOWS\\system32\\LogFiles\\W3SVC1",)
    assert seen.unread == ()


def test_every_way_to_write_it(tmp_path: Path) -> None:
    seen = read(
        wrap(
            'IIsWebVirtualDir Location="/lm/w3svc/7/ROOT/c" AccessFlags="519" Path="c:"',
            'IIsWebVirtualDir Location="/LM/W3SVC/7/Root/a/b" AccessFlags="0x3 | SSL" Path="\\\\?\\C:\\x\\..\\y/z"',
            'IIsFtpVirtualDir Location="/LM/MSFTPSVC/1/ROOT/d" Path="D:\\"',
            'IIsWebService Location="/LM/W3SVC" WebSvcExtRestrictionList="0,*.dll\n\t1,C:\\Program Files\\x.dll,0,X,Y"'
            ' LogPluginClsid="{1}"',
            'IIsSmtp Location="/LM/SMTPSVC/1" Path="c:\\"',
            'Other Path="c:\\"',
            namespace="something else",
        ),
        tmp_path,
    )
    got = [(item.site, item.url, item.physical, item.access_flags, item.rights) for item in seen.directories]
    assert got == [
        ("7", "/c", "c:\\", 519, ("read", "write", "execute", "script")),
        ("7", "/a/b", "C:\\y\\z", 3, ("read", "write")),
        ("ftp 1", "/d", "D:\\", None, ()),
    ]
    extensions = [(item.name, item.attributes) for item in seen.items if item.kind == "isapi_restriction"]
    assert extensions == [("*.dll", {"allowed": "false"}), ("C:\\Program Files\\x.dll", {"allowed": "true"})]
    assert [(item.name, item.program) for item in seen.items if item.kind == "property"] == [("LogPluginClsid", "{1}")]


def test_what_breaks_off_is_said_and_what_was_read_counts(tmp_path: Path) -> None:
    data = wrap('IIsWebVirtualDir Location="/LM/W3SVC/1/root/c" Path="c:\\"')
    seen = read(data[: data.index(b"</IIsWebV")], tmp_path)
    (directory,) = seen.directories
    assert (directory.url, directory.place.end, directory.place.last_line) == ("/c", 0, 0)
    assert directory.place.line == 3
    assert seen.unread[0][0] == WHERE
    assert "no element found" in seen.unread[0][1]
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + data.partition(b"?>\n")[2]
    assert "document type" in read(bomb, tmp_path).unread[0][1]


def test_lists_in_one_value() -> None:
    assert split_mappings(".a,C:\\Program Files\\x .dll,5,GET\r\n\t.b,y,1 *,z,0") == [
        ".a,C:\\Program Files\\x", ".dll,5,GET", ".b,y,1", "*,z,0",
    ]  # fmt: skip
    assert split_mappings("no dot at all") == ["no dot at all"]
    assert split_mappings(" \n") == split_extensions("") == []
    assert len(split_mappings(".x " * 10_000)) == len(split_extensions("1, " * 10_000)) == MOST_ENTRIES
