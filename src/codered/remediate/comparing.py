"""Whether what is there is what a plan means. Only what an owner could have changed counts: a process that ended by
itself is no refusal, and the time of an edit is the time of the edit.
"""

from codered.model.plan import FileState, ProcessState, State
from codered.remediate.file_state import describe_difference, is_as_expected

UNREADABLE = "what it runs can't be read by this user"


def agree(wanted: State, now: State | None) -> bool:
    """Whether `now` is what was wanted. A wanted file time of 0 is any time. A process is the same one by its pid,
    start and boot: gone is always as good as running, held is a way of running, and a known hash must be the same.
    """
    if isinstance(wanted, FileState) and isinstance(now, FileState):
        return is_as_expected(wanted, now)
    if isinstance(wanted, ProcessState) and isinstance(now, ProcessState):
        return _agree_on_process(wanted, now)
    return wanted == now


def tell_difference(wanted: State, now: State) -> str:
    """In a few words, how what is there differs from what was wanted."""
    if isinstance(wanted, ProcessState) and isinstance(now, ProcessState) and "gone" not in (wanted.state, now.state):
        return "it runs another program now" if now.sha256 else UNREADABLE
    return describe_difference(wanted, now)


def _agree_on_process(wanted: ProcessState, now: ProcessState) -> bool:
    if (wanted.pid, wanted.start, wanted.boot) != (now.pid, now.start, now.boot):
        return False
    if now.state == "gone":
        return True
    return wanted.state != "gone" and wanted.sha256 in ("", now.sha256)
