"""The disk of iis-backdoor: a Windows 2000 with all that Code Red II leaves (inert markers), in an image; and what its
owner does with the cleaned disk: he installs the patch.
"""

from pathlib import Path

from lab.namespaces import run_words
from tests.fixtures.ntfs_volumes import START, convert_disk, make_disk, make_ntfs, mounted_ntfs
from tests.fixtures.windows_infections import edit_hive
from tests.fixtures.windows_roots import CURRENT, infect_codered2, lay_out_windows2000, make_program

HOTFIX = "Q300972"
FIXED = (5, 0, 2195, 3649)
"""The version of idq.dll in the patch MS01-033."""
SIZE = 24 << 20
_IDQ = "WINNT/system32/idq.dll"
_SOFTWARE = "WINNT/system32/config/software"


def make_infected_disk(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """The image (VMDK) in a new folder, and what is to be found on it as the system names it."""
    folder.mkdir(parents=True)
    volume = make_ntfs(folder / "volume", SIZE)
    with mounted_ntfs(volume, folder / "mounted") as top:
        lay_out_windows2000(top)
        planted = infect_codered2(top)
    return convert_disk(make_disk(volume, folder / "iis-backdoor.raw"), "vmdk"), planted


def install_patch(overlay: Path, folder: Path) -> Path:
    """The cleaned disk with the patch on it, as its installer leaves it: the new idq.dll and the key of the hotfix."""
    flat = folder / "cleaned.raw"
    run_words(["qemu-img", "convert", "-q", "-f", "qcow2", "-O", "raw", str(overlay), str(flat)])
    volume = folder / "cleaned"
    with flat.open("rb") as source:
        source.seek(START)
        volume.write_bytes(source.read(SIZE))
    with mounted_ntfs(volume, folder / "mounted") as top:
        edit_hive(top / _SOFTWARE, {f"{CURRENT}\\Hotfix": {}, f"{CURRENT}\\Hotfix\\{HOTFIX}": {"Installed": "1"}})
        (top / _IDQ).write_bytes(make_program("idq", FIXED, 121_104))
    return make_disk(volume, folder / "patched.raw")


def make_new_disk(folder: Path) -> Path:
    """A Windows 2000 made anew from its medium, with the patch, for the machines that are rebuilt."""
    folder.mkdir(parents=True)
    volume = make_ntfs(folder / "volume", SIZE)
    with mounted_ntfs(volume, folder / "mounted") as top:
        lay_out_windows2000(top, {f"{CURRENT}\\Hotfix\\{HOTFIX}": {"Installed": 1}})
        (top / _IDQ).write_bytes(make_program("idq", FIXED, 121_104))
    return make_disk(volume, folder / "new.raw")
