"""An image as one process has it open: handles of TSK and libyal share a file position, so no two processes may."""

import os
from collections import OrderedDict

from codered.targets.images.containers import Container, Disk, open_container
from codered.targets.images.partitions import DiskLayout, read_layout
from codered.targets.images.raw_disk import RawDisk
from codered.targets.images.shapes import TskImage
from codered.targets.images.volume import Located, Table, VolumeReader

MOST_KEPT = 100_000  # names in the tables of folders that are kept
MOST_DEPTH = 250
DAMAGED = "a file system so damaged that reading it does not end: mount it read-only and scan it with --root"


class ImageSession:
    """The open image; `refused` are partitions that must not be opened. Raises WrongUse if it can't be opened, OSError
    if its start can't be read.
    """

    def __init__(self, path: bytes, refused: frozenset[bytes] = frozenset()) -> None:
        self.refused = refused
        self.pid = os.getpid()
        self.container: Container = open_container(path)
        self._image = make_image_info(self.container.disk)
        self.layout: DiskLayout = read_layout(self.container.disk, self._image)
        self._partitions = {b"p%d" % part.number: part for part in self.layout.partitions}
        self._volumes: dict[bytes, VolumeReader] = {}
        self._tables: OrderedDict[bytes, Table] = OrderedDict()
        self._kept = 0

    def open_volume(self, name: bytes) -> VolumeReader:
        """The file system in the partition of this name. Raises OSError if there is none or it can't be opened."""
        if name not in self._volumes:
            partition = self._partitions.get(name)
            if partition is None:
                raise FileNotFoundError(f"no partition {name.decode(errors='backslashreplace')}")
            if not partition.kind.read:
                raise OSError(partition.kind.name)
            if name in self.refused:
                raise OSError(DAMAGED)
            self._volumes[name] = VolumeReader(self._image, partition)
        return self._volumes[name]

    def locate(self, rel: bytes) -> Located:
        """What lies at a path below the root (`p1/inetpub`). Raises FileNotFoundError, NotADirectoryError, OSError."""
        folder, _, name = rel.rpartition(b"/")
        if not folder:
            return Located("folder", self.open_volume(name).root)
        located = self.read_table(folder).names.get(name)
        if located is None:
            raise FileNotFoundError(f"no such file: {rel.decode(errors='backslashreplace')}")
        return located

    def read_table(self, rel: bytes) -> Table:
        """What a folder holds. Raises FileNotFoundError, NotADirectoryError, OSError."""
        if rel in self._tables:
            self._tables.move_to_end(rel)
            return self._tables[rel]
        if rel.count(b"/") > MOST_DEPTH:
            raise OSError(f"more than {MOST_DEPTH} folders deep")
        located = self.locate(rel)
        if located.kind != "folder":
            raise NotADirectoryError("not a folder")
        if located.trouble:
            raise OSError(located.trouble)
        table = self.open_volume(rel.partition(b"/")[0]).read_folder(located.inode)
        self._keep(rel, table)
        return table

    def open_file(self, rel: bytes) -> int:
        """A descriptor of a file's content. Raises FileNotFoundError, OSError."""
        located = self.locate(rel)
        if located.kind != "file":
            raise OSError("not a regular file")
        return self.open_volume(rel.partition(b"/")[0]).open_content(located)

    def walk_volume(self, name: bytes) -> None:
        """Read every folder of a partition once. Raises OSError if its first folder can't be read."""
        todo, seen = [name], {(self.locate(name).inode)}
        while todo:
            rel = todo.pop()
            try:
                names = self.read_table(rel).names
            except OSError:
                if rel == name:
                    raise
                continue
            for inner, located in names.items():
                if located.kind == "folder" and located.inode not in seen:
                    seen.add(located.inode)
                    todo.append(rel + b"/" + inner)

    def _keep(self, rel: bytes, table: Table) -> None:
        self._tables[rel] = table
        self._kept += len(table.names) + 1
        while self._kept > MOST_KEPT and len(self._tables) > 1:
            _, oldest = self._tables.popitem(last=False)
            self._kept -= len(oldest.names) + 1


def make_image_info(disk: Disk) -> TskImage:
    """The `pytsk3.Img_Info` that reads a disk. Raises OSError."""
    import pytsk3

    if isinstance(disk, RawDisk) and disk.descriptor >= 0:  # TSK reads it by itself, which is faster
        image: TskImage = pytsk3.Img_Info(f"/proc/self/fd/{disk.descriptor}", type=pytsk3.TSK_IMG_TYPE_RAW)
        return image

    class DiskImageInfo(pytsk3.Img_Info):  # type: ignore[misc]
        """TSK's way to ask somebody else for sectors."""

        def __init__(self) -> None:
            super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)

        def read(self, offset: int, size: int) -> bytes:
            """See TSK. What can't be read is short for it: it can't tell an error of ours from a fault of its own."""
            try:
                return disk.read(offset, size)
            except (OSError, RuntimeError):
                return b""

        def get_size(self) -> int:
            """See TSK."""
            return disk.size

        def close(self) -> None:
            """The disk is closed by whoever opened it."""

    return DiskImageInfo()
