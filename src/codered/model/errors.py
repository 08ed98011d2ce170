"""Every error a user may see, with its exit code.

CodeRedError            a one-line story: what happened, where, what to do
├── WrongUse            2   the command, an argument or a file given to it is not what it must be
├── CoverageIncomplete  3   something asked for could not be looked at
├── Refused             4   a guard said no; nothing was touched
├── AwaitingApproval    5   it needs the yes of others first; nothing was touched
├── RolledBack          6   a change failed and everything done before it was undone
└── NotRolledBack       7   a change failed and something done before it is still in place
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process answers to its caller; the meanings are fixed (docs/architecture.md)."""

    CLEAN = 0
    FOUND = 1
    WRONG_USE = 2
    INCOMPLETE = 3
    REFUSED = 4
    AWAITING_APPROVAL = 5
    ROLLED_BACK = 6
    NOT_ROLLED_BACK = 7
    BUG = 70
    INTERRUPTED = 130


class CodeRedError(Exception):
    """What went wrong, where, and what to do about it: one line for the user."""

    exit_code = ExitCode.BUG

    def __init__(self, what: str, *, where: str = "", advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.advice = advice

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" — {self.advice}" if self.advice else ""
        return f"{place}{self.what}{advice}"


class WrongUse(CodeRedError):
    """The command, an argument, or a file given to it is not what it must be."""

    exit_code = ExitCode.WRONG_USE


class CoverageIncomplete(CodeRedError):
    """Something that was asked for could not be looked at."""

    exit_code = ExitCode.INCOMPLETE


class Refused(CodeRedError):
    """A guard said no, and nothing was touched."""

    exit_code = ExitCode.REFUSED


class AwaitingApproval(CodeRedError):
    """It needs the yes of others first; nothing was touched."""

    exit_code = ExitCode.AWAITING_APPROVAL


class RolledBack(CodeRedError):
    """A change failed; everything done before it was undone."""

    exit_code = ExitCode.ROLLED_BACK


class NotRolledBack(CodeRedError):
    """A change failed, and something done before it is still in place."""

    exit_code = ExitCode.NOT_ROLLED_BACK
