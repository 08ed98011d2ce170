"""Names in an open folder: opened, looked at, renamed and removed without anybody being able to exchange the way there.

On Linux a folder is a descriptor, and all is done relative to it. On Windows it is one too: while it is open neither it
nor any folder above it can be renamed, so its path stays the right one.
"""

import os
import sys
from itertools import islice

if sys.platform == "win32":
    import errno
    import stat

    from codered.system.leaving_files import leave_to_next_start
    from codered.system.windows_files import hold_folder, open_path, path_of

    IN_USE = "a running program has it in use, or nobody may delete it: end that program, then scan and plan again"

    _NEVER_IN_NAMES = frozenset('/\\\0"<>|?*')  # a colon stands before the name of a stream

    def open_folder(path: bytes) -> int:
        """A descriptor of a folder. Raises OSError."""
        return hold_folder("\\\\?\\" + os.path.abspath(os.fsdecode(path)), links=True)

    def open_in(folder: int, name: bytes, flags: int, mode: int = 0o600) -> int:
        """A descriptor of a file in it; no link is followed. Raises OSError."""
        return open_path(_join(folder, name), flags, mode)

    def look_in(folder: int, name: bytes) -> os.stat_result:
        """What a name stands for; no link is followed. Raises OSError."""
        return os.lstat(_join(folder, name))

    def remove_in(folder: int, name: bytes) -> None:
        """Take the name away, of a file that is read-only too. Raises OSError."""
        path = _join(folder, name)
        try:
            os.unlink(path)
        except PermissionError:
            if os.lstat(path).st_mode & stat.S_IWRITE:
                raise PermissionError(errno.EACCES, IN_USE) from None
            os.chmod(path, stat.S_IWRITE)
            try:
                os.unlink(path)
            except OSError:
                os.chmod(path, stat.S_IREAD)
                raise

    def clear_name_in(folder: int, name: bytes) -> None:
        """The same also for a program that runs: the name goes now, the file when Windows starts. Raises OSError."""
        try:
            remove_in(folder, name)
        except PermissionError:
            try:
                leave_to_next_start(_join(folder, name))
            except OSError:
                raise PermissionError(errno.EACCES, IN_USE) from None

    def rename_in(folder: int, old: bytes, new: bytes) -> None:
        """Another name for the file, in the place of whatever has it. Raises OSError."""
        os.replace(_join(folder, old), _join(folder, new))

    def rename_new_in(folder: int, old: bytes, new: bytes) -> None:
        """The same, but never in the place of another. Raises OSError (FileExistsError: another has the name)."""
        os.rename(_join(folder, old), _join(folder, new))

    def link_in(_folder: int, _old: bytes, new: bytes) -> None:
        """Raises OSError: a rename does it here, which never replaces a file unasked."""
        raise OSError(errno.EPERM, f"no second name is made on Windows: {new!r}")

    def list_in(folder: int, most: int | None = None) -> list[bytes]:
        """The names in it, the first `most`. Raises OSError."""
        with os.scandir(path_of(folder)) as entries:
            return [os.fsencode(entry.name) for entry in islice(entries, most)]

    def sync_folder_at(_folder: int) -> None:
        """Windows has no way to wait for a folder's names alone."""

    def _join(folder: int, name: bytes) -> str:
        text = os.fsdecode(name)
        if not text or text in (".", "..") or set(text) & _NEVER_IN_NAMES or text.count(":") > 1:
            raise OSError(errno.EINVAL, "not a name of a file")
        return path_of(folder).rstrip("\\") + "\\" + text

else:
    import ctypes

    _RENAME_NOREPLACE = 1

    def open_folder(path: bytes) -> int:
        """A descriptor of a folder. Raises OSError."""
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)

    def open_in(folder: int, name: bytes, flags: int, mode: int = 0o600) -> int:
        """A descriptor of a file in it; no link is followed if the flags say so. Raises OSError."""
        return os.open(name, flags, mode, dir_fd=folder)

    def look_in(folder: int, name: bytes) -> os.stat_result:
        """What a name stands for; no link is followed. Raises OSError."""
        return os.stat(name, dir_fd=folder, follow_symlinks=False)

    def remove_in(folder: int, name: bytes) -> None:
        """Take the name away. Raises OSError."""
        os.unlink(name, dir_fd=folder)

    clear_name_in = remove_in

    def rename_in(folder: int, old: bytes, new: bytes) -> None:
        """Another name for the file, in the place of whatever has it. Raises OSError."""
        os.rename(old, new, src_dir_fd=folder, dst_dir_fd=folder)

    def rename_new_in(folder: int, old: bytes, new: bytes) -> None:
        """The same, but never in the place of another. Raises OSError (FileExistsError: another has the name)."""
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.renameat2(folder, old, folder, new, _RENAME_NOREPLACE) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    def link_in(folder: int, old: bytes, new: bytes) -> None:
        """A second name for the file. Raises OSError."""
        os.link(old, new, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)

    def list_in(folder: int, most: int | None = None) -> list[bytes]:
        """The names in it, the first `most`. Raises OSError."""
        with os.scandir(folder) as entries:
            return [os.fsencode(entry.name) for entry in islice(entries, most)]

    def sync_folder_at(folder: int) -> None:
        """Wait until the names in it are on the disk. Raises OSError."""
        os.fsync(folder)


def sync_folder(path: bytes) -> None:
    """Wait until the names in a folder are on the disk. Raises OSError."""
    folder = open_folder(path)
    try:
        sync_folder_at(folder)
    finally:
        os.close(folder)
