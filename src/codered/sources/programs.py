"""The programs of the system that check and unpack packages: arguments as a list, bounded time and output."""

import os
import subprocess
from pathlib import Path
from typing import BinaryIO, NamedTuple

from codered.sources.folders import PIECE, TooMuch

_MOST_WORDS = 1 << 20
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class Answer(NamedTuple):
    """How a program ended, and what it said."""

    code: int
    out: bytes
    err: str

    def last_words(self) -> str:
        """The last line it said to the user, escaped."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        return ascii(lines[-1].strip())[1:-1][:200] if lines else f"it ended with {self.code}"


class ProgramFailed(Exception):
    """A program is missing, took too long or said too much; the message says which in one line."""


def run_program(
    command: list[str], *, seconds: float, given: BinaryIO | None = None, cwd: Path | None = None
) -> Answer:
    """Run to the end with a plain environment; at most 1 MiB of its output counts. Raises ProgramFailed."""
    try:
        done = subprocess.run(  # noqa: S603 - a program of the system, its arguments as a list
            command,
            stdin=given if given is not None else subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            cwd=cwd,
            env=plain_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ProgramFailed(f"{command[0]} took longer than {seconds:.0f} s") from None
    except OSError as error:
        raise ProgramFailed(f"{command[0]} can't be run: {error.strerror}") from None
    return Answer(
        done.returncode, done.stdout[:_MOST_WORDS], done.stderr[:_MOST_WORDS].decode(errors="backslashreplace")
    )


def pour(command: list[str], given: BinaryIO | None, into: BinaryIO, most: int) -> None:
    """Have a program read one file (from its start) and write another, of at most so many bytes. Raises ProgramFailed,
    TooMuch, OSError.
    """
    if given is not None:
        given.seek(0)
    try:
        process = subprocess.Popen(  # noqa: S603 - a program of the system, its arguments as a list
            command,
            stdin=given if given is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=plain_environment(),
        )
    except OSError as error:
        raise ProgramFailed(f"{command[0]} can't be run: {error.strerror}") from None
    with process:
        assert process.stdout is not None
        try:
            size = 0
            while piece := process.stdout.read(PIECE):
                size += len(piece)
                if size > most:
                    raise TooMuch(f"unpacked it has more than {most:,} bytes")
                into.write(piece)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise ProgramFailed(f"{command[0]} could not read it")
    into.flush()


def plain_environment() -> dict[str, str]:
    """What a program gets: nothing of the user's, but for the proxies by which a repository is reached."""
    proxies = {name: value for name, value in os.environ.items() if name.lower() in ("http_proxy", "https_proxy")}
    return {"PATH": _PATH, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", **proxies}
