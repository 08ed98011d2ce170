"""What runs on this machine: every process as /proc tells it, with what of it could not be read."""

from functools import partial
from itertools import chain

from codered.collect.hidden_processes import find_covered_processes, find_hidden_processes, hides_strangers
from codered.collect.process_files import hash_executable
from codered.collect.process_identity import identify_process
from codered.collect.process_reading import describe_machine, read_process
from codered.collect.process_rounds import Rounds
from codered.model.process import HiddenProcess, ProcessesSeen, ProcessSeen, UnreadProcess


def collect_processes(proc: str = "/proc") -> ProcessesSeen:
    """Every process but those that end while we look; what was started meanwhile is read too. Raises OSError if /proc
    can't be listed.
    """
    unread: list[UnreadProcess] = []
    hidden = _look_for_hidden(proc, unread)
    machine = describe_machine(proc, frozenset(one.pid for one in hidden))
    found: dict[int, ProcessSeen] = {}
    missed: set[int] = set()
    rounds = Rounds(proc)
    for pid in chain(sorted(machine.hidden), rounds.pids()):
        if pid in found:
            continue
        seen = read_process(machine, pid)
        if seen is None:
            missed.add(pid)
        else:
            found[pid] = seen
    hidden = _add_covered(proc, hidden, missed - found.keys(), unread)
    for seen in found.values():
        if seen.unreadable:
            what = f"process {seen.id.pid} ({seen.name})"
            unread.append(UnreadProcess(what, f"not readable: {', '.join(seen.unreadable)}"))
    unread += rounds.find_restless()
    unread += [UnreadProcess("sockets", trouble) for trouble in dict.fromkeys(machine.sockets.troubles)]
    processes = tuple(found[pid] for pid in sorted(found))
    return ProcessesSeen(processes=processes, hidden=hidden, unread=tuple(unread), hash_of=partial(_hash_process, proc))


def _look_for_hidden(proc: str, unread: list[UnreadProcess]) -> tuple[HiddenProcess, ...]:
    if hides_strangers(proc):
        why = "/proc is mounted with hidepid: only root is shown them"
        unread.append(UnreadProcess("the processes of other users", why))
        return ()
    return find_hidden_processes(proc) + find_covered_processes(proc, ())


def _add_covered(
    proc: str, hidden: tuple[HiddenProcess, ...], missed: set[int], unread: list[UnreadProcess]
) -> tuple[HiddenProcess, ...]:
    """What was listed, could not be read and lives is hidden, and a gap as well."""
    if hides_strangers(proc):
        return hidden
    known = {one.pid for one in hidden}
    every = hidden + tuple(one for one in find_covered_processes(proc, missed) if one.pid not in known)
    for one in every:
        if one.pid in missed:
            unread.append(UnreadProcess(f"process {one.pid}", "it is alive, and nothing of it can be read"))
    return every


def _hash_process(proc: str, process: ProcessSeen) -> str:
    if identify_process(process.id.pid, proc) != process.id:
        return ""
    return hash_executable(proc, process.id.pid, process.exe)
