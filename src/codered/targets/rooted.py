"""What every target with a file tree shares: one root descriptor, through which everything is opened."""

import os
import weakref
from typing import Literal

from codered.model.target import TargetInfo
from codered.targets.beneath import open_dir_beneath, open_file_at, open_file_beneath, open_root
from codered.targets.windows_names import find_windows_path, shown_on_volume


class RootedFolder:
    """A directory descriptor; implements `model.target.OpenFolder`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @property
    def descriptor(self) -> int:
        """See `model.target.OpenFolder`."""
        return self._descriptor

    @property
    def device(self) -> int:
        """See `model.target.OpenFolder`."""
        return os.fstat(self._descriptor).st_dev

    def open(self, name: bytes) -> int:
        """See `model.target.OpenFolder`."""
        return open_file_at(self._descriptor, name)

    def close(self) -> None:
        """See `model.target.OpenFolder`."""
        os.close(self._descriptor)


class RootedTarget:
    """A file tree below one root; implements `model.target.ChangeableTarget`. `below` is the folder in which the files
    really lie where that is not the target's root: the mounted overlay of an image, a volume in the rescue system.
    Raises OSError.
    """

    def __init__(self, info: TargetInfo, below: bytes | None = None) -> None:
        self._info = info
        self._root_path = os.fsencode(info.root)
        self._root = open_root(self._root_path if below is None else below)
        self._closing = weakref.finalize(self, os.close, self._root)

    def close(self) -> None:
        """Let go of the root, so that what is mounted there can be unmounted; nothing can be opened any more."""
        self._closing()

    @property
    def info(self) -> TargetInfo:
        """What this target is and offers."""
        return self._info

    @property
    def changeable(self) -> Literal[True]:
        """Files below the root may be changed."""
        return True

    def open_dir(self, rel: bytes) -> int:
        """See `model.target.Target`."""
        return open_dir_beneath(self._root, rel)

    def open_folder(self, rel: bytes) -> RootedFolder:
        """See `model.target.Target`."""
        return RootedFolder(open_dir_beneath(self._root, rel))

    def open_file(self, rel: bytes) -> int:
        """See `model.target.Target`."""
        return open_file_beneath(self._root, rel)

    def open_at(self, directory: int, name: bytes) -> int:
        """See `model.target.Target`."""
        return open_file_at(directory, name)

    def absolute(self, rel: bytes) -> bytes:
        """See `model.target.Target`."""
        return os.path.join(self._root_path, rel) if rel else self._root_path

    def shown(self, rel: bytes) -> str | None:
        """The Windows name of a file on one of the target's volumes, `/…` in an offline Linux root, else None."""
        for volume in self._info.volumes:
            name = shown_on_volume(volume, rel)
            if name is not None:
                return name
        if self._info.kind == "offline_root":
            return "/" + rel.decode(errors="backslashreplace")
        return None

    def find(self, path: str) -> list[bytes]:
        """See `model.target.Target`."""
        if "\\" not in path:
            return [path.lstrip("/").encode()]
        return [rel for volume in self._info.volumes for rel in find_windows_path(self, volume, path)]
