"""Disks in containers that libyal reads: E01, QCOW2, VHD, VHDX and VMDK, with what they are based on.

What an image says of other files (its extents, what it is based on) is hostile: only plain names beside it are opened,
and what an image is based on must be what it was when the image was made.
"""

from io import FileIO

from codered.model.errors import WrongUse
from codered.targets.images.image_files import find_beside, open_image_file
from codered.targets.images.shapes import LibraryHandle

MOST_PARENTS = 8
MOST_EXTENTS = 4096
_FLATTEN = "make one image of it: qemu-img convert -O raw IMAGE disk.raw"
_OVERLAY = (
    "what codered apply made is looked at by codered verify PLAN, any other overlay is made whole by "
    "qemu-img convert -O raw IMAGE disk.raw"
)
_EXTERNAL_DATA = 1 << 2  # a bit of the incompatible features of QCOW2, at byte 72
_DIFFERENTIAL = 4  # a kind of VHD
_ZERO = 7  # a kind of VMDK extent: nothing but zeros, in no file


class LibraryDisk:
    """A handle of libyal; implements `containers.Disk`. `files` are all files that it reads, `parent` what it is based
    on.
    """

    def __init__(self, handle: LibraryHandle, files: tuple[bytes, ...], parent: "LibraryDisk | None" = None) -> None:
        self.handle = handle
        self.size = int(handle.get_media_size())
        self.files: tuple[bytes, ...] = files + (parent.files if parent else ())
        self._parent = parent  # the handle reads through it

    def read(self, offset: int, size: int) -> bytes:
        """See `containers.Disk`."""
        parts = []
        size = min(size, max(self.size - offset, 0))
        while size > 0:
            data: bytes = self.handle.read_buffer_at_offset(size, offset)
            if not data:
                break
            parts.append(data)
            offset += len(data)
            size -= len(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        """See `containers.Disk`."""
        self.handle.close()
        if self._parent:
            self._parent.close()


def open_ewf(files: tuple[bytes, ...]) -> LibraryDisk:
    """An E01 image of these segments. Raises ImportError, OSError, WrongUse."""
    import pyewf

    handle = pyewf.handle()
    handle.open_file_objects([_open(path) for path in files])
    return LibraryDisk(handle, files)


def open_qcow(path: bytes, depth: int = 0) -> LibraryDisk:
    """A QCOW2 image, with what it is based on. Raises ImportError, OSError, WrongUse."""
    import pyqcow

    file = _open(path)
    header = file.read(80)
    if int.from_bytes(header[4:8], "big") >= 3 and int.from_bytes(header[72:80], "big") & _EXTERNAL_DATA:
        raise WrongUse("its data lie in a file of their own", where=_shown(path), advice=_FLATTEN)
    handle = pyqcow.file()
    handle.open_file_object(file)
    name = handle.get_backing_filename()
    if not name:
        return LibraryDisk(handle, (path,))
    parent = _open_parent(path, str(name), "QCOW2", depth)
    handle.set_parent(parent.handle)
    return LibraryDisk(handle, (path,), parent)


def open_vhd(path: bytes, depth: int = 0) -> LibraryDisk:
    """A VHD or VHDX image, with what it is based on. Raises ImportError, OSError, WrongUse."""
    import pyvhdi

    handle = pyvhdi.file()
    handle.open_file_object(_open(path))
    if handle.get_disk_type() != _DIFFERENTIAL:
        return LibraryDisk(handle, (path,))
    parent = _open_parent(path, str(handle.get_parent_filename() or ""), "VHD", depth)
    if parent.handle.get_identifier() != handle.get_parent_identifier():
        _refuse_parent(path)
    handle.set_parent(parent.handle)
    return LibraryDisk(handle, (path,), parent)


def open_vmdk(path: bytes, depth: int = 0) -> LibraryDisk:
    """A VMDK image of one or several extents, with what it is based on. Raises ImportError, OSError, WrongUse."""
    import pyvmdk

    handle = pyvmdk.handle()
    handle.open_file_object(_open(path))
    number = handle.get_number_of_extents()
    if number > MOST_EXTENTS:
        raise WrongUse(f"{number} extents", where=_shown(path), advice="is it damaged?")
    extents = [handle.get_extent_descriptor(at) for at in range(number)]
    if any(extent.type == _ZERO or not extent.filename for extent in extents):
        raise WrongUse("extents without a file", where=_shown(path), advice=_FLATTEN)
    # The only extent of a monolithic image is the image itself, whatever its name was when it was made.
    own = number == 1 and not _is_text(path)
    files = (path,) if own else tuple(find_beside(path, extent.filename) for extent in extents)
    handle.open_extent_data_files_as_file_objects([_open(file) for file in files])
    every = tuple(dict.fromkeys((path, *files)))
    if handle.get_parent_content_identifier() in (None, 0xFFFFFFFF):
        return LibraryDisk(handle, every)
    parent = _open_parent(path, str(handle.get_parent_filename() or ""), "VMDK", depth)
    if parent.handle.get_content_identifier() != handle.get_parent_content_identifier():
        _refuse_parent(path)
    handle.set_parent(parent.handle)
    return LibraryDisk(handle, every, parent)


def _open_parent(path: bytes, name: str, kind: str, depth: int) -> LibraryDisk:
    if depth >= MOST_PARENTS:
        raise WrongUse(f"based on more than {MOST_PARENTS} images", where=_shown(path), advice=_FLATTEN)
    if not name:
        raise WrongUse("based on an image that it does not name", where=_shown(path), advice=_FLATTEN)
    if name.startswith("json:"):
        raise WrongUse("based on an image that it names in QEMU's own way", where=_shown(path), advice=_OVERLAY)
    parent = find_beside(path, name, "put both into one folder; " + _OVERLAY)
    if parent == path:
        raise WrongUse("based on itself", where=_shown(path), advice="is it damaged?")
    try:
        opened = {"QCOW2": open_qcow, "VHD": open_vhd, "VMDK": open_vmdk}[kind](parent, depth + 1)
    except OSError:
        what = f"based on {_shown(parent)}, which is no {kind} image"
        raise WrongUse(what, where=_shown(path), advice=_OVERLAY) from None
    return opened


def _refuse_parent(path: bytes) -> None:
    what = "the image it is based on is another one, or was changed since"
    raise WrongUse(what, where=_shown(path), advice=_FLATTEN)


def _open(path: bytes) -> FileIO:
    return FileIO(open_image_file(path), "rb")


def _is_text(path: bytes) -> bool:
    with _open(path) as file:
        return file.read(1) == b"#"


def _shown(path: bytes) -> str:
    return path.decode(errors="backslashreplace")
