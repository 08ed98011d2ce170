from pathlib import Path

import pytest

from codered.detect.iis import find_leads, judge_iis
from codered.model.finding import Finding
from codered.remediate.lines import hash_line, split_lines
from codered.targets.windows_names import canonical_windows_path
from tests.fixtures.iis_configs import (
    APPLICATION_HOST,
    CLEAN_HOST,
    CLEAN_METABASE,
    EXCHANGE,
    METABASE_XML,
    VIRTUAL_ROOTS,
    collect,
    judge,
    load_rules,
    write_config,
)

DEFAULT_ROOTS: dict[str, str | int] = {
    "/": "c:\\inetpub\\wwwroot,,201",
    "/scripts": "c:\\inetpub\\scripts,,201",
    "/msadc": "c:\\program files\\common files\\system\\msadc,,205",
    "/IISADMPWD": "C:\\WINNT\\System32\\inetsrv\\iisadmpwd,,201",
}


def told(findings: dict[str, Finding]) -> dict[str, tuple[str, str]]:
    return {key: (finding.indicator, finding.confidence) for key, finding in findings.items()}


def judge_in(root: Path, place: bytes, planted: str, config: Path = EXCHANGE) -> dict[str, Finding]:
    """What is found when something is planted before a place of a clean configuration."""
    body = config.read_bytes()
    assert place in body
    write_config(root, APPLICATION_HOST, body.replace(place, planted.encode() + place, 1))
    return judge(collect(root))


@pytest.mark.parametrize("config", [CLEAN_HOST, EXCHANGE])
def test_a_clean_server_has_no_findings(tmp_path: Path, config: Path) -> None:
    write_config(tmp_path, APPLICATION_HOST, config.read_bytes())
    assert judge(collect(tmp_path, {VIRTUAL_ROOTS: DEFAULT_ROOTS})) == {}


def test_a_clean_metabase_has_no_findings(tmp_path: Path) -> None:
    write_config(tmp_path, METABASE_XML, CLEAN_METABASE.read_bytes())
    assert judge(collect(tmp_path), "codered2") == {}


def test_one_set_of_rules_names_published_drives_in_every_form(tmp_path: Path) -> None:
    planted = (
        '<IIsWebVirtualDir Location="/LM/W3SVC/1/root/c" AccessFlags="519" Path="c:\\"></IIsWebVirtualDir>\n'
        '<IIsWebVirtualDir Location="/LM/W3SVC/2/ROOT/e" AccessFlags="519" Path="e:"></IIsWebVirtualDir>\n'
        '<IIsWebVirtualDir Location="/LM/W3SVC/2/ROOT/data" AccessFlags="AccessRead" Path="f:\\"></IIsWebVirtualDir>\n'
        '<IIsWebVirtualDir Location="/LM/W3SVC/1/root/Scripts" AccessFlags="0x207" Path="c:\\inetpub\\scripts" />\n'
    )
    data = CLEAN_METABASE.read_bytes().replace(b"</MBProperty>", planted.encode() + b"</MBProperty>")
    write_config(tmp_path, METABASE_XML, data)
    write_config(tmp_path, "WINDOWS/system32/inetsrv/MetaBase.bin", "\0ROOT/g\0\1\1g:\\\0".encode("utf-16-le"))
    roots: dict[str, str | int] = {
        **DEFAULT_ROOTS,
        "/c": "c:\\,,217",
        "/e": "e:\\,,217",
        "/x": "c:\\ProgramData\\COM\\x,,201",
    }
    seen = collect(tmp_path, {VIRTUAL_ROOTS: roots})
    drive = ("published-drive", "likely")
    assert told(judge(seen)) == {
        "MetaBase.bin /g": ("published-drive", "suspicious"),
        "MetaBase.xml /LM/W3SVC/1/root/c": drive,
        "MetaBase.xml /LM/W3SVC/2/ROOT/e": drive,
        "MetaBase.xml /LM/W3SVC/2/ROOT/data": ("published-drive", "suspicious"),
        "MetaBase.xml /LM/W3SVC/1/root/Scripts": ("published-write-execute", "suspicious"),
        f"{VIRTUAL_ROOTS}:/c": drive,
        f"{VIRTUAL_ROOTS}:/e": drive,
        f"{VIRTUAL_ROOTS}:/x": ("published-odd-folder", "likely"),
    }
    by_pack = judge(seen, "codered2")
    assert told(by_pack)["MetaBase.xml /LM/W3SVC/1/root/c"] == ("metabase-c", "confirmed")
    assert told(by_pack)["MetaBase.xml /LM/W3SVC/1/root/Scripts"] == ("metabase-scripts", "suspicious")
    assert f"{VIRTUAL_ROOTS}:/c" not in by_pack, "that is the finding of the pack's setting"
    assert told(by_pack)[f"{VIRTUAL_ROOTS}:/e"] == drive


def test_a_finding_says_where_it_stands(tmp_path: Path) -> None:
    found = judge_in(tmp_path, b'<application path="/ecp"', '<application path="/z">\r\n<virtualDirectory path="/" \r\n'
                     'physicalPath="C:\\ProgramData\\COM1\\z"/></application>')  # fmt: skip
    finding = found["applicationHost.config site 1 /z"]
    assert (finding.pack, finding.layer, finding.remedy) == ("heuristics", "settings", "remove_virtual_directory")
    first, second, name = finding.evidence
    lines = split_lines((tmp_path / APPLICATION_HOST).read_bytes())
    assert first.line == finding.subject.line
    assert first.sha256 == hash_line(lines[(first.line or 0) - 1])
    assert first.source == "line"
    assert first.data == b'<virtualDirectory path="/" \r\nphysicalPath="C:\\ProgramData\\COM1\\z"/>'
    assert second.what == "/z is C:\\ProgramData\\COM1\\z"
    assert (name.source, name.what) == ("name", "Default Web Site/z")
    assert finding.subject.path == str(tmp_path / APPLICATION_HOST)
    assert finding.subject.shown == "C:\\Windows\\System32\\inetsrv\\config\\applicationHost.config"
    registry = judge(collect(tmp_path, {VIRTUAL_ROOTS: {"/c\n\ud800": "c:\\,,217"}}))
    (vroot,) = (finding for finding in registry.values() if finding.subject.registry)
    assert (vroot.subject.registry, vroot.subject.value) == (VIRTUAL_ROOTS, "/c\\n\\ud800")
    assert vroot.remedy == "delete_value"
    assert vroot.evidence[0].data == "c:\\,,217\0".encode("utf-16-le")


DIRECTORY = '<virtualDirectory path="{}" physicalPath="{}" />'


@pytest.mark.parametrize(
    ("url", "path", "indicator", "confidence"),
    [
        ("/WHO", "C:\\ProgramData\\COM\\WHO", "published-odd-folder", "likely"),
        ("/app", "C:\\ProgramData\\Contoso\\web", "published-odd-folder", "suspicious"),
        ("/r", "C:\\$Recycle.Bin\\S-1-5\\x", "published-hidden-folder", "likely"),
        ("/w", "C:\\Windows\\System32\\oobe", "published-windows-folder", "suspicious"),
        ("/t", "C:\\inetpub\\..\\Users\\Public\\x", "published-odd-folder", "suspicious"),
        ("/t", "%windir%\\TEMP", "published-odd-folder", "suspicious"),
        ("/s", "c:/progra~1/common~1/system/x", "published-odd-folder", "suspicious"),
        ("/d", "D:", "published-drive", "likely"),
        ("/ecp2", "D:\\", "published-drive", "suspicious"),
        ("/rest", "D:\\elsewhere", "published-false-name", "suspicious"),
        ("/site", "D:\\web\\x", "", ""),
        ("/msadc", "C:\\Program Files\\Common Files\\System\\msadc", "", ""),
    ],
)  # fmt: skip
def test_virtual_directories(tmp_path: Path, url: str, path: str, indicator: str, confidence: str) -> None:
    found = judge_in(tmp_path, b'<virtualDirectory path="/aspnet', DIRECTORY.format(url, path))
    assert told(found) == ({f"applicationHost.config site 1 {url}": (indicator, confidence)} if indicator else {})


@pytest.mark.parametrize(
    ("place", "planted", "key", "indicator", "confidence"),
    [
        (b'<add name="php" p', '<add name="x" path="*.x" scriptProcessor="C:\\Windows\\System32\\cmd.exe /c %s"/>',
         "handlers *.x",
         "handler-shell", "likely"),
        (b'<add name="php" p', '<add path="*.x" scriptProcessor="&quot;C:\\inetpub\\scripts\\root.exe&quot; -x"/>',
         "handlers *.x",
         "handler-shell", "likely"),
        (b'<add name="php" p', '<add path="*.x" scriptProcessor="D:\\tool\\x.exe|a"/>', "handlers *.x",
         "program-outside", "suspicious"),
        (b'<add name="php" p', '<add path="*.x" scriptProcessor="C:\\Temp\\php-cgi.exe"/>', "handlers *.x",
         "program-odd-folder", "likely"),
        (b'<add name="php" p', '<add path="*.config" scriptProcessor="%windir%\\system32\\inetsrv\\asp.dll"/>',
         "handlers *.config",
         "media-runs-code", "likely"),
        (b'<add name="php" p', '<add path="web.config" scriptProcessor="%windir%\\system32\\inetsrv\\asp.dll"/>',
         "handlers web.config",
         "media-runs-code", "likely"),
        (b'<add name="php" p', '<add path="*.jpg" type="System.Web.UI.PageHandlerFactory"/>', "handlers *.jpg",
         "media-runs-code", "likely"),
        (b'<add name="php" p', '<add path="*.txt" type="System.Web.UI.SimpleHandlerFactory, System.Web"/>',
         "handlers *.txt",
         "text-runs-code", "suspicious"),

        (b'<add name="php" p',
         '<add path="*.png" scriptProcessor="%windir%\\Microsoft.NET\\Framework\\v2\\aspnet_isapi.dll"/>',
         "handlers *.png", "media-runs-aspnet", "suspicious"),
        (b'<add name="UriCacheModule" i', '<add name="E" image="C:\\ProgramData\\e.dll"/>', "globalModules E",
         "program-odd-folder", "likely"),
        (b'<add name="UriCacheModule" i', '<add name="E" image="\\\\10.0.0.1\\s\\e.dll"/>', "globalModules E",
         "program-remote", "suspicious"),
        (b'<add name="UriCacheModule" i', '<add name="E" image="%windir%\\System32\\e.dll"/>', "globalModules E",
         "native-module-in-windows", "suspicious"),
        (b'<add name="UriCacheModule" i', '<add name="E" image="D:\\e.dll"/>', "globalModules E", "program-outside",
         "suspicious"),
        (b'<filter name="ASP', '<filter name="F" path="C:\\Recycler\\f.dll"/>', "isapiFilters F",
         "program-hidden-folder", "likely"),
        (b'<add path="C:\\PHP', '<add path="C:\\Windows\\System32\\cmd.exe" allowed="true"/>',
         "isapiCgiRestriction C:\\Windows\\System32\\cmd.exe", "handler-shell", "likely"),
        (b'<add path="C:\\PHP', '<add path="C:\\Windows\\System32\\cmd.exe" allowed="false"/>', "", "", ""),
        (b"<webdav>", '<webdav><authoring enabled="true"/></webdav>', "webdav authoring", "webdav-authoring",
         "suspicious"),
        (b"<fastCgi>", '<handlers accessPolicy="Read, Write, Execute"/>', "property accessPolicy",
         "write-execute-policy", "suspicious"),
        (b"<security>", '<isapiCgiRestriction notListedCgisAllowed="true"/>', "isapi_restriction notListedCgisAllowed",
         "unlisted-programs", "suspicious"),
        (b"</fastCgi>", '<application fullPath="C:\\Users\\Public\\x.exe"/>', "fastCgi C:\\Users\\Public\\x.exe",
         "program-odd-folder", "likely"),
    ],
)  # fmt: skip
def test_programs_and_settings(
    tmp_path: Path, place: bytes, planted: str, key: str, indicator: str, confidence: str
) -> None:
    found = judge_in(tmp_path, place, planted)
    assert told(found) == ({f"applicationHost.config {key}": (indicator, confidence)} if indicator else {})
    line = (tmp_path / APPLICATION_HOST).read_bytes().split(planted.encode())[0].count(b"\n") + 1
    assert all(finding.subject.line == line for finding in found.values())


def test_a_web_config_below_a_site_is_judged(tmp_path: Path) -> None:
    write_config(tmp_path, APPLICATION_HOST, CLEAN_HOST.read_bytes())
    body = (
        '<configuration><system.web><compilation><buildProviders>\n<add extension=".jpg" '
        'type="System.Web.Compilation.PageBuildProvider" /></buildProviders></compilation></system.web></configuration>'
    )
    write_config(tmp_path, "inetpub/wwwroot/up/web.config", body)
    assert told(judge(collect(tmp_path))) == {
        "web.config C:\\inetpub\\wwwroot\\up buildProviders .jpg": ("media-runs-code", "likely")
    }


def test_script_mappings_by_which_worms_came_in(tmp_path: Path) -> None:
    planted = (
        '<IIsWebServer Location="/LM/W3SVC/2" LogPluginClsid="{11111111-0000-0000-0000-000000000000}" ScriptMaps='
        '".ida,C:\\WINNT\\System32\\idq.dll,7,GET\n.htw,C:\\WINNT\\System32\\webhits.dll,3\n.stm,C:\\own\\ssi.dll,1"'
        ' WebSvcExtRestrictionList="1,*.dll\n1,C:\\WINDOWS\\system32\\inetsrv\\httpext.dll,0,WEBDAV,WebDAV" />'
    )
    data = CLEAN_METABASE.read_bytes().replace(b"</MBProperty>", planted.encode() + b"</MBProperty>")
    write_config(tmp_path, METABASE_XML, data)
    found = judge(collect(tmp_path))
    start = "MetaBase.xml /LM/W3SVC/2 "
    assert told(found) == {
        f"{start}mapping .ida": ("exposed-mapping", "suspicious"),
        f"{start}mapping .htw": ("exposed-mapping", "suspicious"),
        f"{start}mapping .stm": ("program-outside", "suspicious"),
        f"{start}property LogPluginClsid": ("unknown-log-plugin", "suspicious"),
        f"{start}isapi_restriction *.dll": ("unlisted-programs", "suspicious"),
        f"{start}isapi_restriction C:\\WINDOWS\\system32\\inetsrv\\httpext.dll": ("webdav-authoring", "suspicious"),
    }
    ida = found[f"{start}mapping .ida"]
    assert ida.severity == "medium"
    assert "Code Red" in ida.because
    assert ida.because.endswith("is no patch")


def test_what_odd_directories_publish_is_a_lead(tmp_path: Path) -> None:
    planted = DIRECTORY.format("/a", "C:\\ProgramData\\COM\\a") + DIRECTORY.format("/d", "D:\\")
    judge_in(tmp_path, b'<virtualDirectory path="/aspnet', planted)
    seen = collect(tmp_path)
    found = judge_iis(seen, load_rules(), canonical_windows_path)
    assert len(found) == 2
    assert find_leads(seen, found) == ("C:\\ProgramData\\COM\\a",)
    assert find_leads(seen, ()) == ()
