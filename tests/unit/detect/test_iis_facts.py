import pytest

from codered.detect.iis_facts import (
    DirectoryFacts,
    find_exposure,
    find_program,
    place_facts,
    program_facts,
    property_facts,
)
from codered.model.paths import FilePath
from codered.model.windows import ConfigPlace, IisItem, IisItemKind, IisSeen, VirtualDirectory

PLACE = ConfigPlace(path=FilePath("/x"))


def item(name: str, program: str = "", kind: IisItemKind = "handler", **attributes: str) -> IisItem:
    return IisItem(kind=kind, name=name, program=program, place=PLACE, attributes=attributes)


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("C:\\a b\\x.exe", "C:\\a b\\x.exe"),
        ("C:\\a b\\x.exe -c %s", "C:\\a b\\x.exe"), ('"C:\\x.exe" "y"', "C:\\x.exe"),
        ("C:\\x.DLL|-d a.exe b", "C:\\x.DLL"), ("C:\\x.cmd C:\\y.exe z", "C:\\x.cmd"), ("  ", ""), ('"', ""), ("|", ""),
    ],
)  # fmt: skip
def test_the_program_of_a_command(command: str, program: str) -> None:
    assert find_program(command) == program


def test_what_a_path_says() -> None:
    assert place_facts("c:\\") == place_facts("c:") == {"drive-root"}
    assert place_facts("c:\\programdata\\com1\\x") == {"odd-place", "com-place"}
    assert place_facts("c:\\windows\\temp\\x") == {"odd-place", "windows-place"}
    assert place_facts("d:\\windows\\system32\\inetsrv\\x.dll") == {"windows-place", "native-place"}
    assert place_facts("d:\\program files (x86)\\x") == {"program-place"}
    assert place_facts("d:\\program filesx\\x") == place_facts("c:\\data") == {"elsewhere"}
    assert place_facts("\\\\host\\x") == {"unc"}
    assert place_facts("\\\\.\\backofficestorage\\x") == place_facts("") == place_facts("x.dll") == frozenset()


def test_directories_are_seen_beside_each_other() -> None:
    def make(url: str, physical: str, flags: int | None = None, present: bool | None = None) -> VirtualDirectory:
        return VirtualDirectory(
            site="1", url=url, physical=physical, place=PLACE, access_flags=flags, present=present, key=f"S{url}"
        )

    one, two = make("/a", "C:\\ProgramData\\X\\a"), make("/b", "c:\\programdata\\x\\b", 6, present=False)
    drive, owa = make("/C", "C:\\"), make("/owa", "D:\\y")
    good = make("/OWA/", "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\x")
    facts = DirectoryFacts(IisSeen(directories=(one, one, two, drive, owa, good)), str.lower)
    assert facts.find(one) == {"odd-place", "siblings"}
    assert facts.find(two) == {"odd-place", "siblings", "write-execute", "missing"}
    assert facts.find(drive) == {"drive-root", "letter-url"}
    assert facts.find(owa) == {"elsewhere", "known-elsewhere"}
    assert facts.find(good) == {"program-place", "known"}
    assert "siblings" not in DirectoryFacts(IisSeen(directories=(one, one)), str.lower).find(one), (
        "the same folder twice"
    )


def test_what_a_program_says() -> None:
    assert program_facts(item("*.x", "C:\\Windows\\System32\\CMD.EXE /c"), str.lower) == {"shell", "windows-place"}
    php = program_facts(item("*.php", "D:\\PHP\\php7isapi.dll"), str.lower)
    assert php == {"interpreter", "elsewhere", "runs-code"}
    assert program_facts(item("*", "x.dll", "module"), str.lower) == {"loaded"}
    assert program_facts(item(".JPG", type="system.web.ui.PageHandlerFactory, x"), str.lower) == {"media", "runs-code"}
    assert program_facts(item("a.jpg"), str.lower) == frozenset(), "one file is no kind of files"
    assert program_facts(item("/up/WEB.config"), str.lower) == {"media"}
    ida = item(".IDA", "C:\\WINNT\\System32\\idq.dll,7", "mapping")
    assert find_exposure(ida) is None
    ida = item(".IDA", "C:\\WINNT\\System32\\IDQ.dll", "mapping")
    assert "exposed" in program_facts(ida, str.lower)


def test_what_a_setting_says() -> None:
    for value in ("Read, Write, Script", "Write,Execute"):
        assert property_facts(item("accessPolicy", kind="property", value=value)) == {"write-execute"}
    assert property_facts(item("AccessFlags", "AccessWrite | AccessExecute", "property")) == {"write-execute"}
    for value in ("Read, Script", "Write", "", "Write Rite"):
        assert property_facts(item("accessPolicy", kind="property", value=value)) == frozenset()
    assert property_facts(item("notListedCgisAllowed", value="TRUE")) == {"unlisted-allowed"}
    assert property_facts(item("authoring", kind="webdav", value="false")) == frozenset()
    known = "{FF160663-DE82-11CF-BC0A-00AA006111E0}"
    assert property_facts(item("LogPluginClsid", known, "property")) == frozenset()
    assert property_facts(item("LogPluginClsid", "{0}", "property")) == {"unknown-log-plugin"}
    assert property_facts(item("other", value="true")) == frozenset()
