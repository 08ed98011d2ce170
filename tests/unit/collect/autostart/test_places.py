from pathlib import Path

import pytest

from codered.collect.autostart.places import (
    MOST_LINKS,
    join_all,
    read_folder,
    read_linked,
    resolve,
    resolve_folders,
    to_rel,
    walk_folders,
)
from codered.collect.autostart.reading import Reader
from codered.targets import open_target


def reader_of(root: Path) -> Reader:
    return Reader(open_target(str(root)))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside").write_text("out")
    root = tmp_path / "root"
    (root / "usr/lib/x").mkdir(parents=True)
    (root / "usr/lib/x/f").write_text("in")
    (root / "lib").symlink_to("usr/lib")
    (root / "abs").symlink_to("/usr/lib/x/f")
    (root / "usr/up").symlink_to("../../../../usr/lib/x/f")
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "round").symlink_to("round")
    (root / "null").symlink_to("/dev/null")
    (root / "dev").mkdir()
    (root / "dev/null").write_text("")
    return root


@pytest.mark.parametrize(
    ("rel", "real"),
    [
        (b"lib/x/f", b"usr/lib/x/f"),
        (b"abs", b"usr/lib/x/f"),
        (b"usr/up", b"usr/lib/x/f"),
        (b"usr/./lib//x", b"usr/lib/x"),
        (b"out", None),
        (b"round", None),
        (b"gone", None),
        (b"abs/below", None),
        (b"", b""),
    ],
)
def test_where_a_path_leads_inside_the_root(root: Path, rel: bytes, real: bytes | None) -> None:
    assert resolve(reader_of(root), rel) == real


def test_a_chain_of_links_ends(tmp_path: Path) -> None:
    for number in range(MOST_LINKS + 2):
        (tmp_path / f"l{number}").symlink_to(f"l{number + 1}")
    (tmp_path / f"l{MOST_LINKS + 2}").write_text("")
    assert resolve(reader_of(tmp_path), b"l0") is None
    assert resolve(reader_of(tmp_path), b"l9") is not None


def test_two_names_of_a_folder_are_one(root: Path) -> None:
    assert resolve_folders(reader_of(root), (b"lib/x", b"usr/lib/x", b"gone")) == (b"usr/lib/x",)


def test_a_file_and_the_link_by_which_it_is_named(root: Path) -> None:
    reader = reader_of(root)
    found = read_linked(reader, b"abs")
    assert found is not None
    assert (found[0].rel, found[0].data, found[1]) == (b"usr/lib/x/f", b"in", (b"abs",))
    plain = read_linked(reader, b"usr/lib/x/f")
    assert plain is not None
    assert plain[1] == ()
    assert [read_linked(reader, rel) for rel in (b"out", b"null", b"round", b"gone")] == [None] * 4


def test_the_files_of_a_folder_with_its_links(root: Path) -> None:
    found = [(file.rel, links) for file, links in read_folder(reader_of(root), b"")]
    assert found == [(b"usr/lib/x/f", (b"abs",))]
    assert [file.rel for file, _ in read_folder(reader_of(root), b"usr/lib/x", (b".no", b"f"))] == [b"usr/lib/x/f"]


def test_a_walk_goes_no_deeper_and_skips(root: Path) -> None:
    assert list(walk_folders(reader_of(root), b"", 1, frozenset((b"dev",)))) == [b"", b"usr"]
    assert list(walk_folders(reader_of(root), b"usr", 5)) == [b"usr", b"usr/lib", b"usr/lib/x"]


def test_paths_of_the_examined_system() -> None:
    assert (to_rel(b"/a//b/../c/."), to_rel(b"//../x"), to_rel(b"/")) == (b"a/c", b"x", b"")
    assert join_all((b"a", b""), (b"x", b"y")) == (b"a/x", b"a/y", b"x", b"y")
