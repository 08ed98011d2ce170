"""Locks on files: one process at a time. All raise OSError (EACCES or EAGAIN: another has it)."""

import sys

if sys.platform == "win32":
    import msvcrt

    def lock_whole(descriptor: int) -> None:
        """Lock an open file until it is closed, without waiting."""
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    lock_records = lock_whole

else:
    import fcntl

    def lock_whole(descriptor: int) -> None:
        """Lock an open file until it is closed, without waiting."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def lock_records(descriptor: int) -> None:
        """The same by the lock that other programs ask for as records."""
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
