"""Where a report goes: stdout, files, and the exit code."""

import contextlib
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from codered.export.writing.escaping import printable
from codered.model.errors import ExitCode, WrongUse

if TYPE_CHECKING:
    from codered.model.report import Report

_BY_ENDING = {".attackers.csv": "attackers-csv", ".json": "json", ".html": "html", ".csv": "csv", ".txt": "text"}


def write_report(report: "Report", as_json: bool, outputs: tuple[str, ...] = ()) -> None:
    """The report on stdout (text, or JSON), and in every file asked for. Raises WrongUse."""
    from codered.export.reports import RENDERERS  # each word says something; few write a report

    for path in outputs:
        write_whole(path, RENDERERS[format_of(path)](report))
    show(RENDERERS["json" if as_json else "text"](report))


def check_outputs(outputs: tuple[str, ...]) -> None:
    """Refuse a file that could not be written before the work is done, not after. Raises WrongUse."""
    for path in outputs:
        format_of(path)
        check_place(path)


def check_place(path: str) -> None:
    """Refuse a place where no file could be written, or where something else than a plain file is: to write there is
    to put a new file in its place, and a device or a link would be gone. Raises WrongUse.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise WrongUse("no such folder", where=folder, advice="create it first")
    if os.path.isdir(path):
        raise WrongUse("is a folder", where=path, advice="name a file in it")
    if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
        raise WrongUse("is no plain file", where=path, advice="name a new file, or one that may be replaced")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise WrongUse("can't be written to", where=folder, advice="choose a folder that you can write to")


def format_of(path: str) -> str:
    """The report format a file's ending stands for. Raises WrongUse."""
    for ending, name in _BY_ENDING.items():
        if path.endswith(ending):
            return name
    raise WrongUse("no report format has this ending", where=path, advice="use " + " ".join(_BY_ENDING))


def write_whole(path: str, text: str) -> None:
    """Write a file whole or not at all, readable by its owner. Raises WrongUse when it can't be written."""
    place = Path(path)
    check_place(path)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=".codered-")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, place)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        advice = "choose a folder that you can write to"
        raise WrongUse(error.strerror or str(error), where=path, advice=advice) from None


def exit_code_of(report: "Report") -> int:
    """What a scan answers: interrupted, found something, incomplete, or clean."""
    if report.interrupted:
        return ExitCode.INTERRUPTED
    if report.findings:
        return ExitCode.FOUND
    return ExitCode.INCOMPLETE if report.gaps() or report.verdict == "incomplete" else ExitCode.CLEAN


def show(text: str) -> None:
    """Data for stdout. A reader that has gone away (`| head`) is no error, and does not change the exit code. Raises
    WrongUse when it can't be written for another reason.
    """
    try:
        click.echo(text, nl=False)
    except BrokenPipeError:
        pass
    except OSError as error:
        what = f"can't be written: {error.strerror}"
        raise WrongUse(what, where="standard output", advice="make room, or write it with -o") from None


def say(line: str) -> None:
    """Talk to the person: stderr. Never fails: a change that is under way must not end because nobody listens."""
    with contextlib.suppress(OSError):
        sys.stderr.write(printable(line) + "\n")
