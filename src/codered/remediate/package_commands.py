"""Running a package manager: fixed programs, arguments as a list, a plain environment, an end to it. What it says goes
to a file of the case.
"""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from codered.remediate.file_state import ChangeFailed, escape_text
from codered.system.locks import lock_records

MOST_SECONDS = 20 * 60
_MOST_ASK_BYTES = 8 << 20
_ASK_SECONDS = 120
_GRACE_SECONDS = 5 * 60
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


class StillAtWork(ChangeFailed):
    """What was started goes on, though it was asked to end: nothing may be undone under it."""


def carry_out(words: Sequence[str], log: int, locks: tuple[str, ...] = ()) -> None:
    """Run what changes packages, its words into the open file `log`. Raises ChangeFailed if it fails or lasts longer
    than 20 minutes; StillAtWork if it, or who holds one of its `locks`, does not end even then.
    """
    os.write(log, f"$ {escape_text(' '.join(words))}\n".encode())
    try:
        # A session of its own: Ctrl-C at our terminal must not end a package manager half-way. It is never killed, not
        # even when we are interrupted here: `subprocess.run` would.
        process = subprocess.Popen(  # noqa: S603 - a fixed program, its arguments as a list
            list(words), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_ENVIRONMENT, start_new_session=True,
            cwd="/",
        )  # fmt: skip
    except OSError as error:
        raise ChangeFailed(f"{words[0]}: {error.strerror}") from None
    try:
        code = process.wait(MOST_SECONDS)
    except subprocess.TimeoutExpired:
        _ask_to_end(process, words[0], locks)
    if code:
        raise ChangeFailed(f"{words[0]} failed with {code}: its words are in the case's vault")


def _ask_to_end(process: "subprocess.Popen[bytes]", name: str, locks: tuple[str, ...]) -> NoReturn:
    """The program with everything it started; until then nobody may touch the packages. Always raises ChangeFailed."""
    why = f"{name} did not end within {MOST_SECONDS // 60} minutes"
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    end = time.monotonic() + _GRACE_SECONDS
    while process.poll() is None or _is_group(process.pid) or any(map(_is_held, locks)):
        if time.monotonic() > end:
            raise StillAtWork(f"{why}, nor when it was asked to: it is still at work")
        time.sleep(_PAUSE)
    raise ChangeFailed(f"{why}: it was asked to, and did")


def _is_group(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def wait_for_locks(paths: tuple[str, ...], seconds: float = MOST_SECONDS) -> None:
    """Until nobody holds any of a package manager's locks: what an interrupted run of ours started may still be at
    work, and dpkg alone holds another lock than apt. Raises ChangeFailed if that lasts too long.
    """
    end = time.monotonic() + seconds
    while any(map(_is_held, paths)):
        if time.monotonic() > end:
            raise ChangeFailed("another package manager is at work and does not end")
        time.sleep(_PAUSE)


def _is_held(path: str) -> bool:
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        lock_records(fd)
    except (BlockingIOError, PermissionError):
        return True
    finally:
        os.close(fd)
    return False
