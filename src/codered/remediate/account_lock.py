"""The lock that useradd, passwd and vipw hold while they change the account files, on the running host."""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from codered.model.paths import FilePath
from codered.model.target import Target
from codered.remediate.file_state import ChangeFailed, find_below
from codered.system.locks import lock_records

ACCOUNT_FILES = (b"etc/passwd", b"etc/shadow", b"etc/group", b"etc/gshadow")
_LOCK = b".pwd.lock"
_TRIES = 50
_PAUSE = 0.1  # seconds


@contextmanager
def hold_account_lock(path: FilePath, target: Target) -> Iterator[None]:
    """Hold the lock while an account file of the running host is changed; do nothing for any other file, or where no
    lock file was ever made. Raises ChangeFailed if somebody else holds it for five seconds, OSError.
    """
    if target.info.kind != "live_linux" or find_below(path, target.info.root) not in ACCOUNT_FILES:
        yield
        return
    folder = target.open_dir(b"etc")
    try:
        fd = os.open(_LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        yield
        return
    finally:
        os.close(folder)
    try:
        _wait_for(fd)
        yield
    finally:
        os.close(fd)  # which lets the lock go


def _wait_for(fd: int) -> None:
    for _ in range(_TRIES):
        try:
            lock_records(fd)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
        else:
            return
        time.sleep(_PAUSE)
    raise ChangeFailed("another program is changing the accounts: /etc/.pwd.lock is held")
