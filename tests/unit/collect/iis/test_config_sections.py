from pathlib import Path

from codered.collect.iis.config_sections import MOST_SOURCES, read_sections
from codered.collect.iis.gathering import Gathering
from codered.model.windows import IisSeen
from codered.targets.offline_root import OfflineRoot
from tests.fixtures.iis_configs import APPLICATION_HOST, CLEAN_HOST, write_config

WEB = """<configuration>
<system.webServer>
<handlers accessPolicy="Read, Write, Script"><clear/><add name="n" path="*.x" verb="*" scriptProcessor="%windir%\\x.exe"
 type="T" password="secret" /></handlers>
<fastCgi><application fullPath="C:\\php\\php-cgi.exe" arguments="-c x"/></fastCgi>
<modules><add name="m" type="A.B"/></modules>
</system.webServer>
<location path="sub"><system.web><httpHandlers><add path="*.jpg" verb="*" type="H"/></httpHandlers>
<compilation><buildProviders><add extension=".png" type="P"/></buildProviders></compilation></system.web></location>
</configuration>"""


def read(root: Path, name: str, data: str | bytes, scope: str = "") -> IisSeen:
    write_config(root, name, data)
    gathering = Gathering(OfflineRoot(str(root)))
    text = gathering.open_text(name.encode())
    assert text is not None
    read_sections(text, gathering, scope)
    return gathering.finish()


def test_the_configuration_of_a_server(tmp_path: Path) -> None:
    seen = read(tmp_path, APPLICATION_HOST, CLEAN_HOST.read_bytes())
    got = [(item.site, item.url, item.physical, item.key) for item in seen.directories]
    assert got[0] == ("1", "/", "C:\\inetpub\\wwwroot", "Default Web Site/")
    assert got[1][:2] == ("1", "/owa")
    assert got[1][3] == "Default Web Site/owa"
    assert [item.program for item in seen.items if item.kind == "filter"] == [
        "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\aspnet_filter.dll"
    ]
    names = {(item.kind, item.name) for item in seen.items}
    assert {("handler", "*.asp"), ("module", "IsapiModule"), ("isapi_restriction", "notListedCgisAllowed")} <= names
    assert ("property", "accessPolicy") in names
    assert seen.logs == ("C:\\inetpub\\logs\\LogFiles", "C:\\inetpub\\logs\\LogFiles\\W3SVC1")


def test_a_web_config(tmp_path: Path) -> None:
    seen = read(tmp_path, "inetpub/wwwroot/web.config", WEB, "C:\\inetpub\\wwwroot")
    got = [(item.kind, item.name, item.program, item.scope, item.attributes.get("section")) for item in seen.items]
    here = "C:\\inetpub\\wwwroot"
    assert got == [
        ("property", "accessPolicy", "", here, None),
        ("handler", "*.x", "C:\\Windows\\x.exe", here, "handlers"),
        ("handler", "C:\\php\\php-cgi.exe", "C:\\php\\php-cgi.exe", here, "fastCgi"),
        ("module", "m", "", here, "modules"),
        ("handler", "*.jpg", "", f"{here}\\sub", "httpHandlers"),
        ("handler", ".png", "", f"{here}\\sub", "buildProviders"),
    ]
    assert "secret" not in str([item.attributes for item in seen.items])
    assert (seen.items[1].place.line, seen.items[1].place.last_line) == (3, 4)


def test_sections_in_files_of_their_own(tmp_path: Path) -> None:
    def with_sources(*names: str) -> str:
        body = "".join(f'<handlers configSource="{name}"/>' for name in names)
        return f"<configuration><system.webServer>{body}</system.webServer></configuration>"

    write_config(tmp_path, "inetpub/Cfg/H.config", '<handlers><add path="*.q" scriptProcessor="C:\\q.exe"/></handlers>')
    write_config(tmp_path, "inetpub/bad.config", "<handlers>")
    write_config(tmp_path, "secret.config", '<handlers><add path="*.z"/></handlers>')
    (tmp_path / "inetpub/link.config").symlink_to("../secret.config")
    names = (
        "cfg\\h.config",
        "bad.config",
        "gone.config",
        "..\\secret.config",
        "C:\\secret.config",
        "\\\\h\\s\\x",
        "link.config",
    )
    seen = read(tmp_path, "inetpub/web.config", with_sources(*names))
    assert [(item.name, item.place.shown) for item in seen.items] == [("*.q", "C:\\inetpub\\Cfg\\H.config")]
    why = dict(seen.unread)
    assert "outside this folder" in why["C:\\inetpub\\web.config"]
    assert "is not there" in why["C:\\inetpub\\gone.config"]
    assert "no element found" in why["C:\\inetpub\\bad.config"]
    assert "C:\\inetpub\\link.config" in why
    many = read(tmp_path, "inetpub/many/web.config", with_sources(*(f"{number}.config" for number in range(200))))
    assert len(many.unread) == MOST_SOURCES


def test_what_can_not_be_judged_is_said(tmp_path: Path) -> None:
    seen = read(tmp_path, "inetpub/web.config", "<configuration><handlers><EncryptedData/></handlers></configuration>")
    assert seen.undetermined == (
        ("C:\\inetpub\\web.config", "the section handlers is encrypted: look at it on the system itself"),
    )
    broken = read(tmp_path, "inetpub/x/web.config", "<configuration><modules><add name='m'/>")
    assert [item.name for item in broken.items] == ["m"]
    assert broken.unread
