"""Who would start a planted process again: the script or loop above it."""

from collections.abc import Iterator, Set
from typing import Literal, NamedTuple

from codered.detect.process_facts import ProcessFacts
from codered.detect.process_family import listens
from codered.model.process import ProcessId, ProcessSeen

RestartFact = Literal["restarts-a-suspect", "may-restart-a-suspect"]
MOST_LEVELS = 3  # a loop that is kept up by a loop that is kept up by a loop


class Restarter(NamedTuple):
    """A process that would start `child` again, or may."""

    parent: ProcessSeen
    child: ProcessSeen
    fact: RestartFact


def find_restarters(
    suspects: tuple[ProcessSeen, ...], facts: ProcessFacts, spared: Set[ProcessId]
) -> Iterator[Restarter]:
    """The parents that would start a suspect again, each with the child that shows it. `spared` are never named."""
    children: dict[int, list[ProcessSeen]] = {}
    for process in facts.by_pid.values():
        children.setdefault(process.parent, []).append(process)
    known = {suspect.id for suspect in suspects}
    level = suspects
    for _ in range(MOST_LEVELS):
        found: dict[ProcessId, Restarter] = {}
        for child in level:
            parent = facts.by_pid.get(child.parent)
            if parent is None or parent.id in known or parent.id in spared:
                continue
            fact = _find_fact(parent, facts)
            others = [one for one in children.get(parent.id.pid, []) if one.id not in known]
            if fact is not None and all(facts.words.is_waiting_tool(one) or one.state == "Z" for one in others):
                found[parent.id] = Restarter(parent, child, fact)
        known |= found.keys()
        yield from found.values()
        level = tuple(one.parent for one in found.values() if one.fact == "restarts-a-suspect")


def _find_fact(process: ProcessSeen, facts: ProcessFacts) -> RestartFact | None:
    """What a shell or interpreter that works by itself may be: no terminal, not the first process, no script of a
    package. A shell, code in a command line and a script in a hidden or temporary place are taken for loops. Another
    program may have been broken into by its child; one that serves or looks after workers surely has work of its own.
    """
    words = facts.words
    if process.id.pid == 1 or process.kernel or process.tty or not words.is_script_runner(process):
        return None
    if facts.script_owner(process):
        return None
    script = words.find_script(process)
    if script is not None and (words.is_in_temp(script) or words.is_hidden(script)):
        return "restarts-a-suspect"
    if listens(process) or words.is_manager(process):
        return None
    if words.has_inline_code(process) or (script is not None and words.is_shell(process)):
        return "restarts-a-suspect"
    return "may-restart-a-suspect" if script is not None else None
