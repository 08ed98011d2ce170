"""A disk image: partitions with file systems, read without mounting, never changed. Partition 1 is the folder `p1`."""

import os
from collections.abc import Iterator, Mapping
from typing import NoReturn

from msgspec.structs import replace

from codered.model.errors import WrongUse
from codered.model.target import FolderEntry, TargetInfo, Unsupported
from codered.targets.images.links import judge_link
from codered.targets.images.partitions import UNKNOWN_ADVICE, Partition
from codered.targets.images.probing import survives
from codered.targets.images.session import DAMAGED, ImageSession
from codered.targets.images.volume import ALSO_HERE, Located
from codered.targets.windows_drives import DriveVolume, assume_drives, is_known, map_drives
from codered.targets.windows_names import canonical_windows_path, shown_on_volume
from codered.targets.windows_volumes import is_system_folder

OUTSIDE = "in no partition: not looked at"
_LINUX_FOLDERS = {b"etc", b"usr", b"bin", b"var", b"home"}


class ImageFolder:
    """A folder in an image, by its path; implements `model.target.OpenFolder`."""

    descriptor = -1
    device = 0

    def __init__(self, image: "DiskImage", rel: bytes) -> None:
        self._image = image
        self._rel = rel

    def open(self, name: bytes) -> int:
        """See `model.target.OpenFolder`."""
        return self._image.open_file(_join(self._rel, name))

    def close(self) -> None:
        """Nothing is held."""


class DiskImage:
    """Implements `ListingTarget` and `CopyingTarget` (`model.target`). Raises WrongUse for what is none."""

    def __init__(self, path: bytes) -> None:
        self._path = os.path.realpath(path)
        shown = self._path.decode(errors="backslashreplace")
        try:
            root = self._path.decode()
        except UnicodeDecodeError:
            raise WrongUse("a name that is not UTF-8", where=shown, advice="rename the file") from None
        self._session: ImageSession | None = None
        self._listed: dict[tuple[bytes, int], bytes] = {}
        session = self._open(root)
        if not session.layout.partitions:
            reason = session.layout.trouble or "no partition table and no file system was found in it"
            advice = f"was it copied whole? {UNKNOWN_ADVICE[0].upper()}{UNKNOWN_ADVICE[1:]}"
            raise WrongUse(reason, where=root, advice=advice)
        self._refused = self._find_unreadable()
        session = self._session = ImageSession(self._path, self._refused) if self._refused else session
        self.files = session.container.files
        self.format = session.container.format
        self._linux_root = next((name for name in self._walkable("ext") if self._is_linux(name)), b"")
        self._drives = self._find_drives()
        self._info = self._describe(root)

    @property
    def info(self) -> TargetInfo:
        """See `model.target.Target`."""
        return self._info

    @property
    def session(self) -> ImageSession:
        """The image as this process has it open. Raises OSError if it is not there any more."""
        if self._session is None or self._session.pid != os.getpid():
            self._session = None
            try:
                self._session = ImageSession(self._path, self._refused)
            except WrongUse as error:
                raise OSError(str(error)) from None
        return self._session

    @property
    def partitions(self) -> tuple[Partition, ...]:
        """What lies on the disk."""
        return self.session.layout.partitions

    def name_drives(self, mounted: Mapping[str, bytes], system: str = "C") -> bool:
        """Give the volumes the letters that the values of `HKLM\\SYSTEM\\MountedDevices` say, and the letter by which
        Windows calls its own volume. Whether all of them stand there.
        """
        self._info = replace(self._info, volumes=map_drives(self._drives, mounted, system))
        return all(is_known(drive, mounted) for drive in self._drives)

    def open_dir(self, rel: bytes) -> NoReturn:  # noqa: ARG002  the shape of a Target
        """See `model.target.Target`: there are no descriptors of folders."""
        raise OSError("a folder in an image has no descriptor")

    def open_at(self, directory: int, name: bytes) -> NoReturn:  # noqa: ARG002
        """See `model.target.Target`: there are no descriptors of folders."""
        raise OSError("a folder in an image has no descriptor")

    def open_folder(self, rel: bytes) -> ImageFolder:
        """See `model.target.Target`."""
        if rel:
            self.session.read_table(rel)
        return ImageFolder(self, rel)

    def open_file(self, rel: bytes) -> int:
        """See `model.target.Target`: a copy in memory, of a large file in a temporary file without a name."""
        return self.session.open_file(rel)

    def written(self, rel: bytes) -> float:
        """See `model.target.CopyingTarget`."""
        return self.session.locate(rel).changed / 1e9

    def list_folder(self, rel: bytes) -> Iterator[FolderEntry]:
        """See `model.target.ListingTarget`."""
        if not rel:
            yield from self._list_partitions()
            return
        table = self.session.read_table(rel)
        yield from table.odd
        volume = rel.partition(b"/")[0]
        self._listed.setdefault((volume, self.session.locate(rel).inode), rel)
        for name, located in table.names.items():
            if located.kind == "file":
                yield FolderEntry(name, "file")
            elif located.kind == "folder":
                inner = _join(rel, name)  # a record that names itself, or two: walked once
                if self._listed.setdefault((volume, located.inode), inner) != inner:
                    yield FolderEntry(name, "other", ALSO_HERE)
                else:
                    yield FolderEntry(name, "folder")
            elif located.kind == "link":
                is_gap, why = judge_link(located.leads, self._info.volumes)
                yield FolderEntry(name, "link", why, is_gap)
            else:
                yield FolderEntry(name, "other", located.why, located.is_gap)

    def list_deleted(self, folder: bytes) -> dict[bytes, Located]:
        """The deleted files whose names the folder still holds; none if it can't be read."""
        try:
            return self.session.read_table(folder).deleted
        except OSError:
            return {}

    def list_orphans(self, volume: bytes) -> dict[bytes, Located]:
        """The deleted files of the partition `volume` (`p1`) that no folder names; none if it can't be read."""
        try:
            return self.session.open_volume(volume).read_orphans()
        except OSError:
            return {}

    def open_deleted(self, volume: bytes, located: Located) -> int:
        """A descriptor of what lies where a deleted file's content lay. Raises OSError."""
        return self.session.open_volume(volume).open_content(located)

    def absolute(self, rel: bytes) -> bytes:
        """See `model.target.Target`: as if the image were a folder."""
        return os.path.join(self._path, rel) if rel else self._path

    def shown(self, rel: bytes) -> str | None:
        """The Windows name on a volume with a letter, `/…` on the root volume of a Linux system, else None."""
        for volume in self._info.volumes:
            name = shown_on_volume(volume, rel)
            if name is not None:
                return name
        if self._linux_root and (rel == self._linux_root or rel.startswith(self._linux_root + b"/")):
            return "/" + rel[len(self._linux_root) :].lstrip(b"/").decode(errors="backslashreplace")
        return None

    def find(self, path: str) -> list[bytes]:
        """See `model.target.Target`: in any case, and by short names."""
        if "\\" not in path:
            return [_join(self._linux_root, path.lstrip("/").encode())] if self._linux_root else []
        drive, _, rest = path.partition(":\\")
        found = [volume.prefix.encode() for volume in self._info.volumes if drive.upper() in ("?", volume.drive)]
        for wanted in rest.split("\\") if rest else ():
            found = [inner for folder in found for inner in self._match(folder, wanted)]
        return found if rest else []

    def _match(self, folder: bytes, wanted: str) -> list[bytes]:
        try:
            names = self.session.read_table(folder).names
        except OSError:
            return []
        low, canonical = wanted.lower(), canonical_windows_path(wanted)
        found = [name for name in names if canonical_windows_path(os.fsdecode(name)) in (low, canonical)]
        if not found and "~" in wanted:
            volume = self.session.open_volume(folder.partition(b"/")[0])
            found = [name for name, each in names.items()
                     if each.kind in ("file", "folder") and volume.short_name(each.inode).lower() == low]  # fmt: skip
        return [_join(folder, name) for name in found]

    def _list_partitions(self) -> Iterator[FolderEntry]:
        layout = self.session.layout
        if layout.trouble:
            yield FolderEntry(b"partition table", "other", layout.trouble, is_gap=True)
        for part in layout.partitions:
            name = b"p%d" % part.number
            for trouble in part.troubles:
                yield FolderEntry(name, "other", f"the partition {trouble}", is_gap=True)
            if part.kind.passed:
                yield FolderEntry(name, "other", f"{part.kind.name}: {part.kind.passed}")
            elif not part.kind.read:
                yield FolderEntry(name, "other", f"{part.kind.name}: {part.kind.advice}", is_gap=True)
            elif name in self._refused:
                yield FolderEntry(name, "other", DAMAGED, is_gap=True)
            else:
                yield FolderEntry(name, "folder")
        if layout.outside:
            yield FolderEntry(b"unpartitioned space", "other", OUTSIDE)

    def _open(self, shown: str) -> ImageSession:
        try:
            self._session = ImageSession(self._path)
        except ImportError as error:
            advice = "install codered-detect[images]"
            raise WrongUse(f"{error.name} is missing: images can't be read", where=shown, advice=advice) from None
        except OSError as error:
            raise WrongUse(f"can't be read ({error})", where=shown, advice="was the image copied whole?") from None
        return self._session

    def _find_unreadable(self) -> frozenset[bytes]:
        """The ext volumes that TSK does not come to an end with: it trusts them more than those of Windows."""
        return frozenset(
            name
            for name in self._walkable("ext")
            if not survives(lambda name=name: ImageSession(self._path).walk_volume(name))  # type: ignore[misc]
        )

    def _walkable(self, kind: str = "") -> list[bytes]:
        """The partitions that have file systems which can be walked, of one kind or all."""
        parts = self.session.layout.partitions
        return [b"p%d" % part.number for part in parts if part.kind.read and kind in ("", part.kind.name)]

    def _folders_in(self, rel: bytes) -> list[bytes]:
        try:
            table = self.session.read_table(rel)
        except OSError:
            return []
        return [name for name, each in table.names.items() if each.kind == "folder"]

    def _is_linux(self, name: bytes) -> bool:
        return b"etc" in (has := _LINUX_FOLDERS.intersection(self._folders_in(name))) and len(has) >= 2

    def _has_windows(self, name: bytes) -> bool:
        tops = self._folders_in(name)
        return any(is_system_folder(top, lambda rel: self._folders_in(_join(name, rel))) for top in tops)

    def _find_drives(self) -> list[DriveVolume]:
        layout = self.session.layout
        return [
            DriveVolume(f"p{part.number}", part.start, layout.signature if layout.table == "MBR" else b"",
                        guid=part.guid,
                has_system=self._has_windows(b"p%d" % part.number))
            for part in layout.partitions
            if part.kind.read and part.kind.windows
        ]  # fmt: skip

    def _describe(self, root: str) -> TargetInfo:
        windows = any(drive.has_system for drive in self._drives)
        info = TargetInfo(kind="disk_image", root=root, offers=("files", "logs"), volumes=assume_drives(self._drives))
        if windows or (self._drives and not self._linux_root):
            offers = ("files", "logs", "registry", "autostart", "accounts") if windows else ("files", "logs")
            return replace(info, system="windows", offers=offers)
        why = "mount the image read-only and scan it with --root"
        readable = any(part.kind.read for part in self.session.layout.partitions)  # else the partitions tell what to do
        missing = tuple(Unsupported(each, why) for each in ("autostart", "accounts") if readable)
        return replace(info, system="linux" if self._linux_root else "unknown", unsupported=missing)


def _join(folder: bytes, name: bytes) -> bytes:
    return folder + b"/" + name if folder else name
