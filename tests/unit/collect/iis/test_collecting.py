from pathlib import Path

from tests.fixtures.iis_configs import (
    APPLICATION_HOST,
    CLEAN_HOST,
    CLEAN_METABASE,
    METABASE_XML,
    VIRTUAL_ROOTS,
    collect,
    write_config,
)

REDIRECTION = "Windows/System32/inetsrv/config/redirection.config"
SITES = (
    '<configuration><sites><site name="S" id="9"><application path="/">'
    '<virtualDirectory path="/" physicalPath="C:\\s"/>'
)
ENDS = "</application></site></sites></configuration>"


def test_every_version_is_found_where_it_lies(tmp_path: Path) -> None:
    write_config(tmp_path, APPLICATION_HOST, CLEAN_HOST.read_bytes())
    seen = collect(tmp_path)
    assert (seen.version, len(seen.files), len(seen.directories)) == ("7 or later", 1, 2)
    assert "C:\\inetpub\\logs\\LogFiles" in seen.logs
    write_config(tmp_path, METABASE_XML.upper(), CLEAN_METABASE.read_bytes())
    write_config(tmp_path, "winnt/SYSTEM32/InetSrv/METABASE.BIN", b"x")
    seen = collect(tmp_path, {"HKLM\\SOFTWARE\\Microsoft\\InetStp": {"MajorVersion": 8, "MinorVersion": 5}})
    assert seen.version == "8.5"
    assert len(seen.undetermined) == 1
    assert "C:\\winnt\\system32\\LogFiles" in seen.logs
    seen = collect(tmp_path, {VIRTUAL_ROOTS: {"/c": "c:\\,,217"}})
    assert [item.url for item in seen.directories if item.value] == ["/c"]


def test_where_there_is_none_nothing_is_said(tmp_path: Path) -> None:
    write_config(tmp_path, "Windows/System32/cmd.exe", b"x")
    seen = collect(tmp_path)
    assert (seen.version, seen.directories, seen.items, seen.logs, seen.files, seen.unread, seen.undetermined) == (
        "", (), (), (), (), (), (),
    )  # fmt: skip


def test_a_configuration_kept_elsewhere(tmp_path: Path) -> None:
    def redirect(path: str, enabled: str = "true") -> None:
        body = f'<configuration><configurationRedirection enabled="{enabled}" path="{path}"/></configuration>'
        write_config(tmp_path, REDIRECTION, body)

    write_config(tmp_path, "shared/applicationHost.config", SITES + ENDS)
    redirect("C:\\Shared")
    seen = collect(tmp_path)
    assert [item.site for item in seen.directories] == ["9"]
    assert seen.unread == ()
    redirect("C:\\Shared", "false")
    assert collect(tmp_path).directories == ()
    redirect("\\\\other\\config")
    assert "no part of what is looked at" in collect(tmp_path).unread[0][1]
    write_config(tmp_path, REDIRECTION, "<configuration>")
    assert "no element found" in collect(tmp_path).unread[0][1]


def test_hostile_configurations_are_gaps(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">]><configuration>&a;</configuration>'
    for data, why in ((bomb, "document type"), (b"\0" * 50, "not well-formed"), (b"", "no element")):
        write_config(tmp_path, APPLICATION_HOST, data)
        seen = collect(tmp_path)
        assert why in seen.unread[0][1]
        assert seen.unread[0][0] == "C:\\Windows\\System32\\inetsrv\\config\\applicationHost.config"
    with open(tmp_path / APPLICATION_HOST, "wb") as file:
        file.truncate(100_000_000)
    assert "larger than 16 MiB" in collect(tmp_path).unread[0][1]
    (tmp_path / APPLICATION_HOST).unlink()
    (tmp_path / APPLICATION_HOST).mkdir()
    assert collect(tmp_path).unread
