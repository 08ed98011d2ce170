from collections.abc import Callable
from pathlib import Path

import pytest

from codered.model.errors import CodeRedError, Refused, WrongUse
from codered.rescue.kernel import find_kernel, list_modules
from tests.fixtures.rescue_media import fetch_kernel


def lay_out(root: Path, *versions: str) -> Path:
    for version in versions:
        (root / "boot").mkdir(exist_ok=True)
        (root / f"boot/vmlinuz-{version}").write_bytes(b"INERT")
        (root / "lib/modules" / version).mkdir(parents=True)
    return root


def test_the_newest_kernel_with_its_modules_is_taken(tmp_path: Path) -> None:
    root = lay_out(tmp_path, "6.1.0-9-amd64", "6.1.0-56-amd64")
    (root / "boot/vmlinuz-7.0.0-amd64").write_bytes(b"its modules are not here")
    assert find_kernel(str(root), tmp_path / "work").version == "6.1.0-56-amd64"


def test_a_package_brings_its_kernel_and_its_modules_in_order(tmp_path: Path) -> None:
    kernel = find_kernel(str(fetch_kernel()), tmp_path)
    assert kernel.image.read_bytes()[0x202:0x206] == b"HdrS"
    entries = {
        entry.name.rsplit("/", 1)[-1]: entry for entry in list_modules(kernel, ("virtio-blk", "ext4", "no-such"))
    }
    assert {"virtio_blk.ko", "virtio.ko", "virtio_ring.ko", "modules.dep"} <= set(entries)
    table = (entries["modules.dep"].data or b"").decode()
    line = next(line for line in table.splitlines() if line.split(":")[0].endswith("/virtio_blk.ko"))
    assert "virtio_ring.ko" in line
    assert "no-such" not in table


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda path: None, WrongUse, "no such file"),
        (lambda path: path.write_bytes(b"INERT"), WrongUse, "is no Debian package"),
        (lambda path: path.mkdir(), Refused, "there is no kernel with its modules"),
    ],
)
def test_what_is_no_kernel_is_said(
    tmp_path: Path, make: Callable[[Path], object], error: type[CodeRedError], says: str
) -> None:
    make(tmp_path / "k")
    with pytest.raises(error, match=says):
        find_kernel(str(tmp_path / "k"), tmp_path / "work")


def test_a_table_of_modules_can_name_nothing_outside(tmp_path: Path) -> None:
    root = lay_out(tmp_path, "6.1.0-1-amd64")
    folder = root / "lib/modules/6.1.0-1-amd64"
    (folder / "a.ko").write_bytes(b"INERT")
    (folder / "modules.dep").write_text("../../../../etc/shadow.ko:\n/etc/passwd.ko:\na.ko:\n")
    entries = list(list_modules(find_kernel(str(root), tmp_path / "w"), ("shadow", "passwd", "a")))
    assert [entry.source for entry in entries if entry.source] == [str(folder / "a.ko")]
