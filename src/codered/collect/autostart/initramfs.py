"""What is put into the initial RAM disk, and RAM disks that were changed after they were made."""

from collections.abc import Iterator

from codered.collect.autostart.entries import BY_LINE, make_entry
from codered.collect.autostart.known_names import known_names
from codered.collect.autostart.measuring import make_program_entry, measure_file
from codered.collect.autostart.places import read_folder, read_linked, resolve_folders, walk_folders
from codered.collect.autostart.programs import is_script
from codered.collect.autostart.reading import Reader, as_text
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

DEPTH = 3
SUMS = b"var/lib/initramfs-tools"
MOST_IMAGES = 8


def collect_initramfs(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Hooks and scripts that are not as a package has them, and images with another checksum than on record."""
    for rel in known_names("initramfs-files"):
        found = read_linked(reader, rel)
        if found is not None and packages.origin(found[0])[0] != "package":
            yield make_entry(
                reader, packages, found[0], "initramfs", entry=as_text(rel.rpartition(b"/")[2]), user="root"
            )
    for top in resolve_folders(reader, known_names("initramfs-folders")):
        for folder in walk_folders(reader, top, DEPTH):
            for file, _ in read_folder(reader, folder):
                if is_script(file.data) and packages.origin(file)[0] != "package":
                    name = as_text(file.rel.removeprefix(top).lstrip(b"/"), 255)
                    yield make_entry(reader, packages, file, "initramfs", entry=name, user="root")
    yield from _compare_images(reader, packages)


def _compare_images(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """update-initramfs writes down the SHA-1 of every image it makes: `<sum>  /boot/initrd.img-<version>`."""
    for number, file in enumerate(reader.read_all(SUMS)):
        if number == MOST_IMAGES:
            reader.miss(SUMS, f"more than {MOST_IMAGES} RAM disks: the rest was not compared")
            return
        recorded, _, path = file.data[:4096].decode(errors="replace").strip().partition(" ")
        rel = path.strip().lstrip("/").encode(errors="replace")
        if not rel.startswith(b"boot/") or len(recorded) not in (40, 64):
            continue
        image = measure_file(reader, rel)
        # BY_LINE: no removal of ours fits, without its RAM disk the system does not start.
        if image is not None and recorded.lower() not in (image.sha1, image.sha256):
            name = as_text(rel.rpartition(b"/")[2], 255)
            yield make_program_entry(
                reader,
                packages,
                image,
                "initramfs",
                entry=name,
                user="root",
                facts=frozenset(("image-changed", BY_LINE)),
            )
