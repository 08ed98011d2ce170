"""Who would start a planted process again: the script or loop above it."""

from collections.abc import Iterator, Set

from codered.detect.process_facts import ProcessFacts
from codered.model.process import ProcessId, ProcessSeen

MOST_LEVELS = 3  # a loop that is kept up by a loop that is kept up by a loop


def find_restarters(
    suspects: tuple[ProcessSeen, ...], facts: ProcessFacts, spared: Set[ProcessId]
) -> Iterator[tuple[ProcessSeen, ProcessSeen]]:
    """The parents that would start a suspect again, each with the child that shows it. `spared` are never named."""
    children: dict[int, list[ProcessSeen]] = {}
    for process in facts.by_pid.values():
        children.setdefault(process.parent, []).append(process)
    known = {suspect.id for suspect in suspects}
    level = suspects
    for _ in range(MOST_LEVELS):
        found: dict[ProcessId, tuple[ProcessSeen, ProcessSeen]] = {}
        for child in level:
            parent = facts.by_pid.get(child.parent)
            if parent is None or parent.id in known or parent.id in spared or not _is_loop(parent, facts):
                continue
            others = [one for one in children.get(parent.id.pid, []) if one.id not in known]
            if all(facts.words.is_waiting_tool(one) or one.state == "Z" for one in others):
                found[parent.id] = (parent, child)
        known |= found.keys()
        yield from found.values()
        level = tuple(parent for parent, _ in found.values())


def _is_loop(process: ProcessSeen, facts: ProcessFacts) -> bool:
    """A shell or interpreter that works by itself: no terminal, not the first process, no script of a package."""
    if process.id.pid == 1 or process.kernel or process.tty or not facts.words.is_script_runner(process):
        return False
    if facts.script_owner(process):
        return False
    return facts.words.find_script(process) is not None or facts.words.has_inline_code(process)
