from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from codered.collect.autostart.reading import Reader
from codered.collect.dpkg_layout import DpkgLayout
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, write


def make_layout(root: Path) -> DpkgLayout:
    return DpkgLayout(Reader(open_target(str(root))))


def test_merged_folders_and_diversions(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    (root / "lib").symlink_to("usr/lib")
    write(root, {"var/lib/dpkg/diversions": "/lib/a\n/lib/a.other\nnewer\n/usr/b\n/usr/b.local\n:\n"})
    layout = make_layout(root)
    assert layout.merge(b"lib/x") == b"usr/lib/x"
    assert layout.merge(b"lib") == b"lib"
    assert layout.split(b"/.\n/lib\n/lib/x\n/usr/y\n") == [b".", b"lib", b"usr/lib/x", b"usr/y"]
    assert layout.place(b"usr/lib/a", "newer") == b"usr/lib/a"
    assert layout.place(b"usr/lib/a", "older") == b"usr/lib/a.other"
    assert layout.place(b"usr/b", "any") == b"usr/b.local"
    assert layout.place(b"usr/c", "any") == b"usr/c"


def test_a_link_elsewhere_merges_nothing(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    (root / "lib").symlink_to("/tmp")
    assert make_layout(root).merge(b"lib/x") == b"lib/x"


@given(st.binary(max_size=200))
def test_any_list_is_split_into_names_without_line_ends(listed: bytes) -> None:
    layout = DpkgLayout.__new__(DpkgLayout)
    layout.merged = (b"lib",)
    assert all(not path.startswith(b"lib/") for path in layout.split(listed))
