import os
from pathlib import Path

import pytest

from codered.collect import links
from codered.collect.links import INSIDE, NOT_FOLLOWED, NOWHERE, OUTSIDE, Links
from codered.model.target import TargetInfo, TargetKind
from codered.targets import open_target
from codered.targets.rooted import RootedTarget


def judge(target_root: Path | None, folder: Path, name: str, scanned: tuple[Path, ...]) -> tuple[bool, str]:
    target = open_target(str(target_root)) if target_root else open_target(scope=(b"/nowhere",))
    root = target.info.root
    below = tuple(os.fsencode(os.path.relpath(path, root)).removeprefix(b".") for path in scanned)
    directory = os.open(folder, os.O_RDONLY)
    try:
        return Links(target, below).judge(os.fsencode(os.path.relpath(folder, root)), name.encode(), directory)
    finally:
        os.close(directory)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("www", "else"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page").write_text("x")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "gap", "why"),
    [
        ("../else", True, OUTSIDE),
        ("../else/page", True, OUTSIDE),
        ("page", False, INSIDE),
        ("../www/page", False, INSIDE),
        ("nothing", False, NOWHERE),
        ("/usr/bin", False, NOT_FOLLOWED),
        ("/dev/null", False, NOT_FOLLOWED),
    ],
)
def test_a_link_out_of_what_is_looked_at_is_a_gap_on_this_host(site: Path, text: str, gap: bool, why: str) -> None:
    (site / "www/link").symlink_to(text)
    assert judge(None, site / "www", "link", (site / "www",)) == (gap, why)


def test_an_offline_system_reads_absolute_links_from_its_own_root(site: Path) -> None:
    (site / "www/link").symlink_to("/else")
    assert judge(site, site / "www", "link", (site,)) == (False, INSIDE)
    assert judge(site, site / "www", "link", (site / "www",)) == (True, OUTSIDE)


def test_links_in_a_circle_end(site: Path) -> None:
    (site / "www/one").symlink_to("two")
    (site / "www/two").symlink_to("one")
    assert judge(None, site / "www", "one", (site / "www",)) == (False, NOWHERE)


def tell(root: Path, text: str, *scanned: str, folder: str = "www", kind: TargetKind = "offline_root") -> str:
    """What is said of a link with this text in a folder of the root; `gap: …` if it is one."""
    target = RootedTarget(TargetInfo(kind=kind, root=str(root)))
    (root / folder).mkdir(parents=True, exist_ok=True)
    link = root / folder / "link"
    link.unlink(missing_ok=True)
    link.symlink_to(text)
    directory = os.open(link.parent, os.O_RDONLY)
    try:
        gap, why = Links(target, tuple(os.fsencode(path) for path in scanned)).judge(
            folder.encode(), b"link", directory
        )
    finally:
        os.close(directory)
    return f"gap: {why}" if gap else why


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("www/page", "www/deep/page", "elsewhere/x", "usr/lib/y"):
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).touch()
    (tmp_path / "outside").touch()
    return tmp_path / "root"


@pytest.mark.parametrize("text", ["page", "deep", "./deep/../page", "../www/page", "/www/page", "..//../../www", "."])
def test_a_link_into_what_is_scanned(root: Path, text: str) -> None:
    assert tell(root, text, "www") == INSIDE


@pytest.mark.parametrize("text", ["../elsewhere", "../elsewhere/x", "/elsewhere/x", "..", "/", "/usr/lib/y"])
def test_a_link_to_another_place_is_a_gap(root: Path, text: str) -> None:
    assert tell(root, text, "www") == f"gap: {OUTSIDE}"
    assert tell(root, text, "") == INSIDE


def test_a_name_that_only_starts_like_a_place_is_outside(root: Path) -> None:
    (root / "www2").mkdir()
    assert tell(root, "../www2", "www") == f"gap: {OUTSIDE}"


@pytest.mark.parametrize("text", ["nothing", "/nothing", "page/x", "link", "nothing/../page"])
def test_a_link_to_nothing(root: Path, text: str) -> None:
    assert tell(root, text, "www") == NOWHERE


def test_an_absolute_link_stays_in_an_offline_root(root: Path) -> None:
    assert tell(root, str(root.parent / "outside"), "") == NOWHERE


def test_a_link_that_climbs_out_of_an_offline_root_is_a_gap(root: Path) -> None:
    assert tell(root, "../../outside", "") == f"gap: {OUTSIDE}"


def test_links_on_the_way_are_followed_by_name_as_the_root_has_them(root: Path) -> None:
    (root / "one").symlink_to("/www/two")
    (root / "www/two").symlink_to("../elsewhere")
    assert tell(root, "/one/x", "www") == f"gap: {OUTSIDE}"
    assert tell(root, "/one/x", "www", "elsewhere") == INSIDE


def test_chains_and_loops_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(links.MOST_LINKS + 5):
        (root / f"www/c{number}").symlink_to(f"c{number + 1}" if number < links.MOST_LINKS + 4 else "page")
    assert tell(root, "c0", "www") == NOWHERE  # nobody can open it
    assert tell(root, "c10", "www") == INSIDE
    monkeypatch.setattr(links, "MOST_PARTS", 3)
    assert tell(root, "././././page", "www").startswith("gap: a link whose target can't be told")


def test_a_name_too_long_is_a_gap(root: Path) -> None:
    assert tell(root, "x" * 300, "www").startswith("gap: a link whose target can't be told")


@pytest.mark.parametrize(
    ("text", "said"),
    [("/usr/bin", NOT_FOLLOWED), ("/etc/passwd", NOT_FOLLOWED), ("/dev/null", NOT_FOLLOWED), ("/", f"gap: {OUTSIDE}")],
)
def test_the_hosts_own_system_folders_are_not_followed(tmp_path: Path, text: str, said: str) -> None:
    where = str(tmp_path)[1:]
    assert tell(Path("/"), text, where, folder=where, kind="live_linux") == said


def test_on_the_host_other_places_are_gaps(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "secret").touch()
    where = f"{tmp_path}/web"[1:]
    said = tell(Path("/"), str(tmp_path / "secret"), where, folder=where, kind="live_linux")
    assert said == f"gap: {OUTSIDE}"


def test_a_system_folder_of_somebody_else_is_no_system_folder(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tell(root, "/usr/lib/y", "www", kind="live_linux") == NOT_FOLLOWED  # tests run as root, as in CI
    os.chown(root / "usr/lib/y", 65534, 65534)
    assert tell(root, "/usr/lib/y", "www", kind="live_linux") == f"gap: {OUTSIDE}"
