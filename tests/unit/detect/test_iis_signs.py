from msgspec.structs import replace

from codered.detect.iis_signs import IisSigns
from codered.model.indicators import SettingIndicator
from codered.model.pack import LoadedPack
from codered.model.paths import FilePath
from codered.model.windows import ConfigPlace, IisItem, VirtualDirectory
from tests.fixtures.iis_configs import VIRTUAL_ROOTS, load_rules

PLACE = ConfigPlace(path=FilePath("/x"))


def with_settings(*settings: SettingIndicator) -> tuple[LoadedPack, ...]:
    (loaded,) = load_rules("codered2").packs
    return (replace(loaded, pack=replace(loaded.pack, settings=settings)),)


def setting(id_: str, key: str, value: str, *equals: str, pattern: str = "") -> SettingIndicator:
    return SettingIndicator(
        id=id_, because="b", confidence="likely", severity="high", references=(), store="iis_config", key=key,
        value=value, equals=equals, pattern=pattern,
    )  # fmt: skip


def directory(key: str, physical: str = "c:\\", flags: int | None = None, value: str | None = None) -> VirtualDirectory:
    return VirtualDirectory(
        site="1", url="/c", physical=physical, place=PLACE, key=key, access_flags=flags, value=value
    )


def test_the_metabase_signs_of_a_pack() -> None:
    signs = IisSigns(load_rules("codered2").packs)

    def found(*args: object) -> list[str]:
        return [sign.id for _, sign in signs.of_directory(directory(*args))]  # type: ignore[arg-type]

    assert found("/lm/w3svc/12/ROOT/C") == ["metabase-c"]
    assert found("/LM/W3SVC/1/root/D", "D:") == ["metabase-d"]
    assert found("/LM/W3SVC/1/root/Scripts", "c:\\x", 519) == ["metabase-scripts"]
    for args in (
        ("/LM/W3SVC/1/root/c", "c:\\x"), ("/LM/W3SVC/1/2/root/c",), ("/LM/W3SVC/1/root/c/d",), ("Site/c",), ("",),
        ("/LM/W3SVC/1/root/Scripts", "c:\\x", 513), ("/LM/W3SVC/1/root/c", "c:\\", None, "/c"),
    ):  # fmt: skip
        assert found(*args) == [], args
    assert signs.names_registry_value(directory(VIRTUAL_ROOTS, "c:\\", 0x217, "/C"))
    assert not signs.names_registry_value(directory(VIRTUAL_ROOTS, "c:\\", 0x201, "/c"))
    assert not signs.names_registry_value(directory(VIRTUAL_ROOTS, "e:\\", 0x217, "/e"))
    assert not signs.names_registry_value(directory("/LM/W3SVC/1/root/c"))


def test_signs_in_the_configuration_of_later_versions() -> None:
    packs = with_settings(
        setting("who", "*/WHO", "physicalPath", pattern=r"c:\\programdata\\com\\"),
        setting("module", "globalModules", "image", "C:\\x\\E.dll"),
        setting("handler", "handlers", "path", "*.evil"),
    )
    signs = IisSigns(packs)
    (found,) = signs.of_directory(directory("Default Web Site/who", "C:\\ProgramData\\COM\\x"))
    assert (found[0], found[1].id) == ("codered2", "who")
    assert signs.of_directory(directory("Default Web Site/who", "C:\\inetpub")) == []
    assert signs.of_directory(directory("Default Web Site/x/who", "C:\\ProgramData\\COM\\x")) == []

    def of(name: str, program: str, section: str) -> list[str]:
        item = IisItem(kind="module", name=name, program=program, place=PLACE, attributes={"section": section})
        return [sign.id for _, sign in signs.of_item(item)]

    assert of("e", "c:\\X\\e.dll", "globalModules") == ["module"]
    assert of("*.EVIL", "", "handlers") == ["handler"]
    assert of("*.evil", "", "modules") == []
    assert signs.of_item(IisItem(kind="property", name="x", place=PLACE)) == []
