import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.model.errors import WrongUse
from codered.packs import example_trees
from codered.packs.example_trees import Tree, TreeFile, check_tree, complete_tree, lay_out


def tree(*files: TreeFile) -> Tree:
    return Tree(about="a test", system="windows", files=files)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def test_every_kind_of_entry(into: Path) -> None:
    lay_out(
        tree(
            TreeFile(path="C/link", link_to="../nowhere"),
            TreeFile(path="C/copy", same_as="C/a/text"),
            TreeFile(path="C/a/text", text="é\n"),
            TreeFile(path="C/a/empty", text=""),
            TreeFile(path="C/a/hex", hex="4d5a 9000", pad_to=6),
            TreeFile(path="C/folder", directory=True),
        ),
        into,
        "x.tree.yaml",
    )
    assert (into / "C/copy").read_bytes() == (into / "C/a/text").read_bytes() == "é\n".encode()
    assert (into / "C/a/empty").read_bytes() == b""
    assert (into / "C/a/hex").read_bytes() == b"MZ\x90\0\0\0"
    assert (into / "C/folder").is_dir()
    assert os.readlink(into / "C/link") == "../nowhere"


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a/../x", "", ".", "a//b", "a/", "a\\b", "a\nb", "a\0b", "x" * 256, "/".join("a" * 50)]
)
def test_paths_that_lead_out_or_nowhere_are_refused(into: Path, path: str) -> None:
    with pytest.raises(WrongUse, match="leads out of the tree or nowhere"):
        lay_out(tree(TreeFile(path=path, text="x")), into, "x.tree.yaml")
    assert list(into.iterdir()) == []


@pytest.mark.parametrize(
    ("item", "what"),
    [
        (TreeFile(path="a"), "has no content"),
        (TreeFile(path="a", text="x", hex="00"), "has text and hex"),
        (TreeFile(path="a", text="x", directory=True), "has text and directory"),
        (TreeFile(path="a", hex="0"), "not hexadecimal"),
        (TreeFile(path="a", hex="zz"), "not hexadecimal"),
        (TreeFile(path="a", same_as="b"), "no content at `b`"),
        (TreeFile(path="a", text="xyz", pad_to=2), "can't be padded to 2"),
        (TreeFile(path="a", text="xyz", pad_to=-2), "can't be padded to -2"),
        (TreeFile(path="a", text="xyz", pad_to=1 << 40), "can't be padded to"),
        (TreeFile(path="a", directory=True, pad_to=9), "pad_to without"),
        (TreeFile(path="a", link_to=""), "a link to nothing"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(into: Path, item: TreeFile, what: str) -> None:
    with pytest.raises(WrongUse, match=what):
        lay_out(tree(item), into, "x.tree.yaml")
    assert list(into.iterdir()) == []


def test_a_tree_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example_trees, "MOST_TREE_BYTES", 10)
    with pytest.raises(WrongUse, match="more than 10 bytes"):
        check_tree(tree(TreeFile(path="a", text="x" * 6), TreeFile(path="b", text="x" * 6)), "x")


def test_nothing_is_written_over_or_through_a_link(into: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (into / "C").symlink_to(outside)
    with pytest.raises(WrongUse, match="can't be laid out"):
        lay_out(tree(TreeFile(path="C/x", text="x")), into, "x")
    (into / "file").symlink_to(outside / "x")
    with pytest.raises(WrongUse, match="can't be laid out"):
        lay_out(tree(TreeFile(path="file", text="x")), into, "x")
    assert list(outside.iterdir()) == []


def test_its_own_links_lead_nothing_out_either(into: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link = TreeFile(path="C", link_to=str(outside))
    with pytest.raises(WrongUse, match="can't be laid out"):
        lay_out(tree(link, TreeFile(path="C/x", text="x")), into, "x")
    assert list(outside.iterdir()) == []


def test_an_entry_stands_once(into: Path) -> None:
    with pytest.raises(WrongUse, match="can't be laid out"):
        lay_out(tree(TreeFile(path="a", text="x"), TreeFile(path="a", text="y")), into, "x")


_PATH = st.lists(st.sampled_from(["a", "b", "..", ".", "", "C", "\\"]), max_size=4).map("/".join)
_ITEM = st.builds(
    TreeFile, path=_PATH, text=st.none() | st.just("x"), link_to=st.none() | _PATH, directory=st.booleans()
)


@given(st.lists(_ITEM, max_size=4))
def test_no_tree_ever_leaves_its_folder(tmp_path_factory: pytest.TempPathFactory, items: list[TreeFile]) -> None:
    base = tmp_path_factory.mktemp("base")
    (base / "into").mkdir()
    with contextlib.suppress(WrongUse):
        lay_out(tree(*items), base / "into", "x")
    assert [path.name for path in base.iterdir()] == ["into"]


def test_a_linux_system_has_accounts_and_packages(tmp_path: Path) -> None:
    own = TreeFile(path="etc/passwd", text="own")
    linux = Tree(about="x", system="linux", files=(own, TreeFile(path="var/lib/dpkg", link_to="/outside")))
    assert complete_tree(linux) == linux  # its own account, and nothing through the link
    lay_out(complete_tree(Tree(about="x", system="linux", files=())), tmp_path, "x")
    assert (tmp_path / "etc/passwd").read_text().startswith("root:")
    assert (tmp_path / "var/lib/dpkg/info/example.list").is_file()
    windows = Tree(about="x", system="windows", files=())
    assert complete_tree(windows) == windows
