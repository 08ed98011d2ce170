import os
from pathlib import Path

import pytest

from codered.collect.links import INSIDE, NOT_FOLLOWED, NOWHERE, OUTSIDE, Links
from codered.targets import open_target


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
