import os
from pathlib import Path

from codered.model.target import Place
from codered.packs.loading import load_packs
from codered.scan.named_places import NAMED, find_named
from codered.targets import open_target
from tests.fixtures.small_packs import file_indicator, make_pack
from tests.fixtures.windows_roots import write


def make_tree(root: Path) -> None:
    for name in ("etc/kinsing", "etc/x1/a", "etc/x2/a", "etc/[x]/a", "usr/y", "out/secret"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / "etc/x3").symlink_to(root / "out")


def test_only_what_is_there_is_named(tmp_path: Path) -> None:
    make_tree(tmp_path)
    paths = ("/etc/kinsing", "/etc/none", "/etc/x*/a", "/none/deep", "C:\\x")
    pack = make_pack(files=(file_indicator("one", paths=paths), file_indicator("two", paths=("/etc/kinsing",))))
    named = find_named(open_target(str(tmp_path)), (pack,))
    assert named == Place(NAMED, tuple(f"{tmp_path}/etc/{name}" for name in ("kinsing", "x1/a", "x2/a")))


def test_a_pattern_means_nothing_but_its_stars(tmp_path: Path) -> None:
    make_tree(tmp_path)
    pack = make_pack(files=(file_indicator("one", paths=("/etc/[x]/a", "/etc/x?/a", "/etc/[x*/a")),))
    named = find_named(open_target(str(tmp_path)), (pack,))
    assert named == Place(NAMED, (f"{tmp_path}/etc/[x]/a",))


def test_no_link_is_followed_and_nothing_named_is_none(tmp_path: Path) -> None:
    make_tree(tmp_path)
    windows = file_indicator("w", platform="windows", paths=("/etc/kinsing",))
    pack = make_pack(files=(file_indicator("one", paths=("/etc/x3/secret",)), windows))
    assert find_named(open_target(str(tmp_path)), (pack,)) is None
    assert os.path.exists(tmp_path / "etc/x3/secret")


def test_windows_paths_on_a_windows_volume(tmp_path: Path) -> None:
    for name in ("Inetpub/Scripts/ROOT.EXE", "explorer.exe", "WINNT/explorer.exe"):
        write(tmp_path, name, b"x")
    packs = load_packs(Path(__file__).parents[3] / "packs")
    place = find_named(open_target(str(tmp_path)), packs)
    assert place is not None
    assert set(place.paths) == {str(tmp_path / "Inetpub/Scripts/ROOT.EXE"), str(tmp_path / "explorer.exe")}
    (tmp_path / "x").mkdir()
    assert find_named(open_target(str(tmp_path / "x")), packs) is None
