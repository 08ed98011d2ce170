"""Running a package manager: fixed programs, arguments as a list, a plain environment, an end to it. What it says goes
to a file of the case.
"""

import fcntl
import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress

from codered.remediate.file_state import ChangeFailed, escape_text

MOST_SECONDS = 20 * 60
_MOST_ASK_BYTES = 8 << 20
_ASK_SECONDS = 120
_PAUSE = 0.5
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
    "APT_LISTCHANGES_FRONTEND": "none",
    "NEEDRESTART_MODE": "l",
}


def ask(words: Sequence[str], folder: str | None = None, seconds: int = _ASK_SECONDS) -> str:
    """What a program answers that changes nothing. Raises ChangeFailed if it can't be had."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, its arguments as a list
            list(words), stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False,
            env=_ENVIRONMENT, cwd=folder,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ChangeFailed(f"{words[0]} gave no answer: {type(error).__name__}") from None
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [b"no reason given"]
        raise ChangeFailed(f"{words[0]} {words[1]}: {escape_text(last[0][:300].decode(errors='backslashreplace'))}")
    return done.stdout[:_MOST_ASK_BYTES].decode(errors="backslashreplace")


def carry_out(words: Sequence[str], log: int) -> None:
    """Run what changes packages, its words into the open file `log`. Raises ChangeFailed if it fails or lasts longer
    than 20 minutes.
    """
    os.write(log, f"$ {escape_text(' '.join(words))}\n".encode())
    try:
        # A session of its own: Ctrl-C at our terminal must not end a package manager half-way.
        done = subprocess.run(  # noqa: S603 - a fixed program, its arguments as a list
            list(words), stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=MOST_SECONDS, check=False,
            env=_ENVIRONMENT, start_new_session=True, cwd="/",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ChangeFailed(f"{words[0]} did not end within {MOST_SECONDS // 60} minutes") from None
    except OSError as error:
        raise ChangeFailed(f"{words[0]}: {error.strerror}") from None
    if done.returncode:
        raise ChangeFailed(f"{words[0]} failed with {done.returncode}: its words are in the case's vault")


def wait_for_lock(path: str, seconds: float = MOST_SECONDS) -> None:
    """Until nobody holds dpkg's lock: what an interrupted run of ours started may still be at work. Raises ChangeFailed
    if that lasts too long.
    """
    end = time.monotonic() + seconds
    while True:
        with suppress(FileNotFoundError):
            fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                if time.monotonic() > end:
                    raise ChangeFailed("another package manager is at work and does not end") from None
                time.sleep(_PAUSE)
                continue
            finally:
                os.close(fd)
        return
