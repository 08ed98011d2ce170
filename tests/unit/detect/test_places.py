import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.detect.places import Places
from codered.model.indicators import FileIndicator
from codered.targets.windows_names import canonical_windows_path
from tests.fixtures.small_packs import file_indicator, make_pack


def places(*indicators: FileIndicator) -> Places:
    return Places((make_pack(files=indicators),), canonical_windows_path)


def found(indicator: FileIndicator, path: str, size: int | None = 1, windows: bool = True) -> bool:
    """Whether the indicator fits; the cheap first look must never have left it out."""
    known = places(indicator)
    hits = known.inspect(path, windows, size)
    if hits:
        separators = r"[\\/]" if windows else "/"
        parts = ["", *re.split(separators, path)]
        assert known.interests(os.fsencode(parts[-1].lower()), os.fsencode(parts[-2].lower()))
        assert [(hit.pack, hit.indicator) for hit in hits] == [("inert", indicator)]
    return bool(hits)


ROOT_EXE = file_indicator(platform="windows", paths=("?:\\inetpub\\scripts\\root.exe",))


@pytest.mark.parametrize(
    "path",
    ["C:\\inetpub\\scripts\\root.exe", "d:\\Inetpub\\SCRIPTS\\Root.EXE", "Z:\\inetpub/scripts/root.exe"],
)
def test_a_path_on_any_drive_in_any_case(path: str) -> None:
    assert found(ROOT_EXE, path)


@pytest.mark.parametrize(
    "path",
    [
        "C:\\inetpub\\scripts\\root.exe.txt",
        "C:\\inetpub\\scripts\\xroot.exe",
        "C:\\backup\\inetpub\\scripts\\root.exe",
        "C:\\inetpub\\scripts\\x\\root.exe",
        "1:\\inetpub\\scripts\\root.exe",
        "CC:\\inetpub\\scripts\\root.exe",
        "C:\\inetpub\\scriptsXroot.exe",
        "C:\\inetpub\\scripts\\root.exe\n",
    ],
)
def test_another_path(path: str) -> None:
    assert not found(ROOT_EXE, path)


def test_a_path_on_one_drive() -> None:
    on_c = file_indicator(paths=("C:\\notes.exe",))
    assert found(on_c, "C:\\NOTES.EXE")
    assert not found(on_c, "D:\\notes.exe")


@pytest.mark.parametrize(
    "named", ["?:\\progra~1\\common~1\\system\\x.dll", "?:\\Program Files\\Common Files\\System\\x.dll"]
)
@pytest.mark.parametrize(
    "lies", ["C:\\PROGRA~1\\Common Files\\System\\X.DLL", "C:\\Program Files\\COMMON~1\\system\\x.dll"]
)
def test_short_and_long_names_are_one(named: str, lies: str) -> None:
    assert found(file_indicator(paths=(named,)), lies)


def test_a_folder_called_by_its_short_name() -> None:
    folder = file_indicator(kind="directory", paths=("?:\\Program Files\\Common Files",))
    assert found(folder, "C:\\PROGRA~1\\COMMON~1", size=None)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("?:\\inetpub\\*\\x.exe", "C:\\inetpub\\any\\x.exe", True),
        ("?:\\inetpub\\*\\x.exe", "C:\\inetpub\\\\x.exe", True),
        ("?:\\inetpub\\*\\x.exe", "C:\\inetpub\\a\\b\\x.exe", False),
        ("?:\\inetpub\\*\\x.exe", "C:\\inetpub\\x.exe", False),
        ("?:\\inetpub\\tftp*", "C:\\inetpub\\TFTP1234", True),
        ("?:\\inetpub\\tftp*", "C:\\inetpub\\tftp\nx", True),
        ("?:\\inetpub\\tftp*", "C:\\inetpub\\tftp\N{REPLACEMENT CHARACTER}", True),
        ("?:\\inetpub\\tftp*", "C:\\inetpub\\tftp1\\x", False),
        ("?:\\*.ida", "C:\\default.ida", True),
        ("?:\\a(b)[c]+.exe", "C:\\a(b)[c]+.exe", True),
        ("?:\\a(b)[c]+.exe", "C:\\abccc.exe", False),
        ("?:\\a.exe", "C:\\aXexe", False),
    ],
)
def test_a_star_stands_for_anything_within_one_component(pattern: str, path: str, fits: bool) -> None:
    assert found(file_indicator(paths=(pattern,)), path) is fits


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/dev/cuc", "/dev/cuc", True),
        ("/dev/cuc", "/dev/CUC", False),
        ("/dev/cuc", "/mnt/dev/cuc", False),
        ("/tmp/.*/x", "/tmp/.hidden/x", True),
        ("/tmp/*/x", "/tmp/a/b/x", False),
        ("/tmp/a*", "/tmp/a\nb", True),
        ("/tmp/a*", "/tmp/a\\b", True),
        ("/tmp/a*", "/tmp/a\\xff", True),
        ("/tmp/progra~1", "/tmp/progra~1", True),
    ],
)
def test_unix_paths_know_case(pattern: str, path: str, fits: bool) -> None:
    assert found(file_indicator(paths=(pattern,)), path, windows=False) is fits


@pytest.mark.parametrize(
    ("name", "path", "fits"),
    [
        ("readme.exe", "C:\\any\\where\\README.EXE", True),
        ("README.EXE", "C:\\readme.exe", True),
        ("readme.exe", "C:\\readme.exe\\other", False),
        ("*.eml", "C:\\x\\Invoice.EML", True),
        ("*.eml", "C:\\x\\a.eml.txt", False),
        ("mep*.tmp.exe", "C:\\mep12.tmp.exe", True),
        ("mep*.tmp.exe", "C:\\mep12\n.tmp.exe", True),
        ("mep*.tmp.exe", "C:\\amep12.tmp.exe", False),
        ("readme[1].eml", "C:\\readme[1].eml", True),
        ("readme[1].eml", "C:\\readme1.eml", False),
        ("readme[*].eml", "C:\\readme[2].eml", True),
        ("readme[*].eml", "C:\\readme2.eml", False),
        ("what?.exe", "C:\\whatx.exe", False),
    ],
)
def test_names(name: str, path: str, fits: bool) -> None:
    assert found(file_indicator(names=(name,)), path) is fits


def test_a_name_on_unix_is_known_in_any_case() -> None:
    assert found(file_indicator(names=("start.sh",)), "/x/Start.SH", windows=False)


def test_a_name_or_a_path_is_enough() -> None:
    both = file_indicator(names=("a.exe",), paths=("?:\\b.exe",))
    assert found(both, "C:\\x\\a.exe")
    assert found(both, "C:\\b.exe")
    assert not found(both, "C:\\x\\b.exe")


def test_where_a_name_is_legitimate() -> None:
    explorer = file_indicator(
        names=("explorer.exe",), except_paths=("?:\\winnt\\explorer.exe", "?:\\winnt\\*\\explorer.exe")
    )
    assert found(explorer, "C:\\explorer.exe")
    assert not found(explorer, "C:\\WINNT\\Explorer.exe")
    assert not found(explorer, "C:\\WINNT\\dllcache\\explorer.exe")
    assert found(explorer, "C:\\WINNT\\a\\b\\explorer.exe")
    assert found(explorer, "C:\\x\\winnt\\explorer.exe")


def test_an_exception_wins_over_a_path() -> None:
    assert not found(file_indicator(paths=("?:\\x\\*",), except_paths=("?:\\x\\good",)), "C:\\x\\good")


@pytest.mark.parametrize(("size", "fits"), [(57344, True), (57345, False), (0, False)])
def test_sizes(size: int, fits: bool) -> None:
    assert found(file_indicator(names=("readme.exe",), sizes=(10, 57344)), "C:\\readme.exe", size=size) is fits


def test_a_folder_is_no_file_and_a_file_no_folder() -> None:
    folder, file = file_indicator(kind="directory", paths=("/dev/cuc",)), file_indicator(paths=("/dev/cuc",))
    assert found(folder, "/dev/cuc", size=None, windows=False)
    assert not found(folder, "/dev/cuc", size=0, windows=False)
    assert found(file, "/dev/cuc", size=0, windows=False)
    assert not found(file, "/dev/cuc", size=None, windows=False)


@pytest.mark.parametrize(
    ("platform", "windows", "fits"),
    [
        ("windows", True, True),
        ("windows", False, False),
        ("unix", True, False),
        ("unix", False, True),
        ("any", True, True),
        ("any", False, True),
    ],
)
def test_platforms(platform: str, windows: bool, fits: bool) -> None:
    path = "C:\\x.sh" if windows else "/x.sh"
    assert found(file_indicator(platform=platform, names=("x.sh",)), path, windows=windows) is fits


def test_an_indicator_that_fits_in_several_ways_is_one_hit() -> None:
    many = file_indicator(names=("a.exe", "a*", "*.exe"), paths=("?:\\a.exe", "?:\\a*"))
    assert len(places(many).inspect("C:\\a.exe", True, 1)) == 1


def test_every_pack_has_its_say() -> None:
    packs = tuple(make_pack(name, files=(ROOT_EXE,)) for name in ("one", "two"))
    hits = Places(packs, canonical_windows_path).inspect("C:\\inetpub\\scripts\\root.exe", True, 1)
    assert [hit.pack for hit in hits] == ["one", "two"]


def test_what_is_known_by_hash_alone_is_asked_for_by_size() -> None:
    known = places(
        file_indicator("hash", sizes=(3569, 4096), sha256=("0" * 64,)),
        file_indicator("place", names=("x",), sizes=(3569,), sha256=("0" * 64,)),
    )
    assert [hit.indicator.id for hit in known.hits_by_size(3569)] == ["hash"]
    assert [hit.indicator.id for hit in known.hits_by_size(4096)] == ["hash"]
    assert known.hits_by_size(1) == []
    assert [hit.indicator.id for hit in known.inspect("C:\\x", True, 3569)] == ["place"]


@pytest.mark.parametrize("name", ["index.html", "", "root.exe.txt", "\n", "x~1"])
def test_most_names_are_of_no_interest(name: str) -> None:
    assert not places(ROOT_EXE, file_indicator(names=("*.eml",))).interests(os.fsencode(name), b"folder")


def test_without_packs_nothing_is_of_interest() -> None:
    assert not places().interests(b"x", b"folder")
    assert places().inspect("C:\\x", True, 1) == []


HARD = places(
    file_indicator("a", names=("*a*a*a*a*b", "*b*c*d")),
    file_indicator("b", paths=("?:\\*\\*\\*.exe",), except_paths=("?:\\*\\*",)),
    file_indicator("c", paths=("/*/*",), kind="directory"),
    ROOT_EXE,
)


@given(st.text(max_size=300), st.booleans(), st.none() | st.integers(0, 2**63))
def test_no_path_upsets_it(path: str, windows: bool, size: int | None) -> None:
    hits = HARD.inspect(path, windows, size)
    assert all((hit.indicator.kind == "directory") == (size is None) for hit in hits)


def test_a_name_made_to_slow_a_pattern_down_is_just_a_name() -> None:
    assert not HARD.inspect("C:\\" + "a" * 4000, True, 1)


@given(st.lists(st.sampled_from(["a", "Inetpub", "scripts", "root.exe", "", ".."]), max_size=6))
def test_only_the_very_path_fits(parts: list[str]) -> None:
    path = "\\".join(["C:", *parts])
    assert bool(places(ROOT_EXE).inspect(path, True, 1)) == (path.lower() == "c:\\inetpub\\scripts\\root.exe")


def test_a_pattern_for_a_whole_folder_makes_only_its_files_interesting() -> None:
    known = places(file_indicator(paths=("/dev/tools/*",), platform="unix"))
    assert known.interests(b"anything", b"tools")
    assert not known.interests(b"anything", b"other")
    assert known.inspect("/dev/tools/anything", False, 1)
    assert not known.inspect("/tmp/tools/anything", False, 1)


def test_a_stream_is_judged_by_the_place_of_its_file_where_that_asks_for_content() -> None:
    asking = file_indicator(platform="windows", paths=("?:\\inetpub\\scripts\\root.exe",), content="marker")
    assert found(asking, "C:\\Inetpub\\scripts\\root.exe:hidden")
    assert not found(asking, "C:\\Inetpub\\scripts\\other.exe:hidden")
    assert not found(ROOT_EXE, "C:\\Inetpub\\scripts\\root.exe:hidden")
    assert not found(asking, "/srv/root.exe:hidden", windows=False)
