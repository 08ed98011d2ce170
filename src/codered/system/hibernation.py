"""Whether the volume of a Windows is in use by one that sleeps: it keeps the volume's state in its memory's file."""

import os

ASLEEP = "Windows is hibernated there (hiberfil.sys holds its session, also after a Fast Startup shutdown)"
WAKE_IT = "start that Windows and shut it down fully (shutdown /s /t 0)"
_SLEEPING = (b"hibr", b"HIBR")
_SLEEP_FILE = b"hiberfil.sys"


def is_asleep(mounted: bytes) -> bool:
    """Whether the memory of a sleeping Windows lies at the top of the volume that is mounted there."""
    try:
        top = os.open(mounted, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        names = [name for name in os.listdir(top) if os.fsencode(name).lower() == _SLEEP_FILE]
        return any(_read_magic(top, name) in _SLEEPING for name in names)
    except OSError:
        return False
    finally:
        os.close(top)


def _read_magic(top: int, name: str) -> bytes:
    fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=top)
    try:
        return os.pread(fd, 4, 0)
    finally:
        os.close(fd)
