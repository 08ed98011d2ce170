"""The shapes of what TSK and libyal give: they bring no types of their own."""

from collections.abc import Iterator
from typing import Any, Protocol


class TskRun(Protocol):
    """Blocks of an attribute that lie together: `offset` in the file and `len`, in blocks."""

    offset: int
    len: int
    flags: int


class TskAttribute(Protocol):
    """An attribute of a file."""

    info: Any

    def __iter__(self) -> Iterator[TskRun]:
        """Its runs."""
        ...


class TskFile(Protocol):
    """A file, by its name in a folder or by its inode."""

    info: Any

    def __iter__(self) -> Iterator[TskAttribute]:
        """Its attributes. Raises OSError."""
        ...

    def read_random(self, offset: int, size: int, kind: int = 0, number: int = 0) -> bytes:
        """Bytes of its content, or of one of its attributes. Raises OSError."""
        ...


class TskImage(Protocol):
    """The sectors of a disk, as TSK asks for them."""

    def read(self, offset: int, size: int) -> bytes:
        """Bytes of it. Raises OSError."""
        ...


class LibraryHandle(Protocol):
    """An open container of libyal."""

    def get_media_size(self) -> int:
        """In bytes."""
        ...

    def read_buffer_at_offset(self, size: int, offset: int) -> bytes:
        """Bytes of the disk in it. Raises OSError."""
        ...

    def get_identifier(self) -> str:
        """Of a VHD."""
        ...

    def get_content_identifier(self) -> int:
        """Of a VMDK."""
        ...

    def close(self) -> None:
        """Give its files back."""
        ...
