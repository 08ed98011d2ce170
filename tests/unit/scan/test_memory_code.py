from pathlib import Path

import pytest

from codered.model.paths import FilePath
from codered.model.process import MemoryRegion
from codered.scan.memory_code import CodeRegions, know_no_owner
from codered.scan.memory_scan import MemoryScanner
from tests.fixtures.memory_children import child, memory_rules

RULES = memory_rules()
PRIVATE = "area = mmap.mmap(-1, 40960, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
PLACES = {
    "private": PRIVATE,
    "shared": "area = mmap.mmap(-1, 40960)\n",
    "run": "area = mmap.mmap(-1, 40960, prot=7)\n",
    "heap": "area = bytearray(90000)\n",
    "memfd": "file = os.memfd_create('x')\nos.ftruncate(file, 40960)\narea = mmap.mmap(file, 40960)\n",
    "written page of a private file": "file = os.open(sys.argv[3], os.O_RDWR)\n"
    "area = mmap.mmap(file, 40960, flags=mmap.MAP_PRIVATE)\n",
    "deleted file": "file = os.open(sys.argv[3], os.O_RDWR)\narea = mmap.mmap(file, 40960)\nos.unlink(sys.argv[3])\n",
}
PUT = "where = address(area) + 5000\nplace(area, 5000)\n"

MAPS = b"""1000-2000 r-xp 00000000 08:01 11 /tmp/.x/lib a.so
2000-3000 rw-p 00001000 08:01 11 /tmp/.x/lib a.so
3000-4000 r-xp 00000000 08:01 12 /usr/lib/libz.so (deleted)
4000-5000 rw-p 00001000 08:01 12 /usr/lib/libz.so (deleted)
5000-6000 rw-p 00000000 08:01 13 /var/lib/table (deleted)
6000-7000 rw-p 00000000 00:00 0 [heap]
no line of a map
7000-8000 rwxp 00000000 00:00 0
8000-9000 r-xp 00000000 00:01 14 /memfd:code (deleted)
9000-a000 rw-s 00000000 00:01 14 /memfd:code (deleted)
"""
REGIONS = {
    "data of an unowned library": ("rw-p", "/tmp/.x/lib a.so"),
    "data of an upgraded library": ("rw-p", "/usr/lib/libz.so (deleted)"),
    "a deleted data file": ("rw-p", "/var/lib/table (deleted)"),
    "heap": ("rw-p", "[heap]"),
    "anonymous": ("rw-p", ""),
    "code in place": ("rwxp", ""),
    "data of code without a file": ("rw-s", "/memfd:code (deleted)"),
}


def owner_of(path: FilePath) -> str:
    return "zlib" if path.text.startswith("/usr/lib/") else ""


@pytest.mark.parametrize(
    ("what", "known", "unknown"),
    [
        ("data of an unowned library", True, False),
        ("data of an upgraded library", False, True),  # without records, what is deleted is nobody's
        ("a deleted data file", False, False),
        ("heap", False, False),
        ("anonymous", False, False),
        ("code in place", True, True),
        ("data of code without a file", True, True),
    ],
)
def test_what_is_a_programs_own_doing(tmp_path: Path, what: str, known: bool, unknown: bool) -> None:
    (tmp_path / "maps").write_bytes(MAPS)
    permissions, name = REGIONS[what]
    region = MemoryRegion(start=0, end=1, permissions=permissions, what=name)
    assert CodeRegions(str(tmp_path), owner_of).has(region) is known
    assert CodeRegions(str(tmp_path), know_no_owner).has(region) is unknown


def test_of_a_process_that_is_gone_only_the_permissions_are_known(tmp_path: Path) -> None:
    code = CodeRegions(str(tmp_path / "none"), owner_of)
    assert not code.has(MemoryRegion(start=0, end=1, permissions="rw-p", what="/tmp/.x/lib a.so"))
    assert code.has(MemoryRegion(start=0, end=1, permissions="r-xp"))


@pytest.mark.parametrize(
    ("place", "confidence"),
    [
        ("private", "suspicious"), ("shared", "suspicious"), ("heap", "suspicious"), ("memfd", "suspicious"),
        ("deleted file", "suspicious"), ("written page of a private file", "suspicious"), ("run", "likely"),
    ],
)  # fmt: skip
def test_what_a_packages_program_holds_in_its_data_is_no_proof(place: str, confidence: str, tmp_path: Path) -> None:
    """Whoever sends a server these bytes has them in its memory; only code is its own doing."""
    file = tmp_path / "file"
    file.write_bytes(bytes(40960))
    scanner = MemoryScanner(RULES, owner_of=lambda _: "a-package")
    with child(PLACES[place] + PUT, str(file)) as (process, _):
        (finding,) = scanner.scan(process, "x", owned=True).findings
        (unowned,) = scanner.scan(process, "x").findings
    assert unowned.confidence == "likely"
    assert finding.confidence == confidence
    told = [item.what for item in finding.evidence if item.source == "ownership"]
    assert len(told) == (confidence == "suspicious")
    assert ("whoever sends it" in finding.because) == (confidence == "suspicious")


LIBRARY = """
ctypes.CDLL(sys.argv[3])
if len(sys.argv) > 4: os.unlink(sys.argv[3])
rows = [line.split() for line in open("/proc/self/maps") if sys.argv[3] in line]
row = next(row for row in rows if row[1] == "rw-p")
where = int(row[0].split("-")[1], 16) - 100
place((ctypes.c_char * 100).from_address(where), 0, None)
"""
"""Leaves the mark in the data of a library that it has loaded."""


@pytest.mark.parametrize("gone", [(), ("gone",)])
@pytest.mark.parametrize(("owner", "confidence"), [("a-package", "suspicious"), ("", "likely")])
def test_the_data_of_a_library_that_no_package_brought(
    tmp_path: Path, gone: tuple[str, ...], owner: str, confidence: str
) -> None:
    library = tmp_path / "libinert.so"
    (source,) = Path("/usr/lib").glob("*/libz.so.1")
    library.write_bytes(source.read_bytes())
    scanner = MemoryScanner(RULES, owner_of=lambda path: owner if path.text == str(library) else "python")
    with child(LIBRARY, str(library), *gone) as (process, where):
        (finding,) = scanner.scan(process, "x", owned=True).findings
    assert finding.confidence == confidence
    assert any(f"{where:#x}" in item.what for item in finding.evidence)
