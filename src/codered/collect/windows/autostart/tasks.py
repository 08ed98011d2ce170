"""Scheduled tasks of Windows Vista and later: their XML files, and the registry's own list, which must agree."""

from collections.abc import Iterator

from codered.collect.windows.autostart.com_classes import find_servers
from codered.collect.windows.autostart.entries import as_bytes, of_file, of_registry
from codered.collect.windows.autostart.machine import Item, WindowsMachine
from codered.collect.windows.autostart.task_xml import Task, read_task
from codered.model.persistence import Autostart

CACHE = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache"
MOST_TASKS = 10_000
MOST_DEPTH = 12
MOST_READ = 1 << 20


def collect_tasks(machine: WindowsMachine) -> Iterator[Autostart]:
    """One entry an action of a task, and one for each task that the registry has and that is hidden or has no file."""
    known: set[str] = set()
    for item, name in _walk_files(machine):
        known.add(name.lower())
        yield from _of_file(machine, item, name)
    for key, name in _walk_cache(machine):
        yield from _of_cache(machine, key, name, has_file=name.lower() in known)


def _walk_files(machine: WindowsMachine) -> Iterator[tuple[Item, str]]:
    """The files below the folder of tasks, each with its task's name (`\\Microsoft\\x`)."""
    top = f"{machine.root}\\System32\\Tasks"
    pending = [(item, "\\" + item.name, 1) for item in reversed(machine.list_folder(top))]
    number = 0
    while pending:
        item, name, depth = pending.pop()
        if item.kind == "folder" and depth < MOST_DEPTH:
            pending += [(each, f"{name}\\{each.name}", depth + 1) for each in reversed(machine.list_rel(item.rel))]
        elif item.kind == "folder":
            machine.miss(top + name, f"deeper than {MOST_DEPTH} folders")
        elif item.kind == "file":
            number += 1
            if number > MOST_TASKS:
                machine.miss(top, f"more than {MOST_TASKS} tasks: the rest was left out")
                return
            yield item, name


def _of_file(machine: WindowsMachine, item: Item, name: str) -> Iterator[Autostart]:
    file = machine.read(item.rel, MOST_READ)
    if file is None:
        return
    where = machine.target.shown(item.rel) or name
    if file.cut:
        machine.miss(where, f"larger than {MOST_READ >> 20} MiB: it was not read")
        return
    try:
        task = read_task(file.data)
    except ValueError as error:
        machine.miss(where, str(error))
        return
    facts = _facts_of(task)
    for command in task.commands:
        yield of_file(machine, "task", file, command, entry=name, user=task.user, text=as_bytes(command), facts=facts)
    for number in task.classes:
        for command in find_servers(machine, number) or ("",):
            more = facts | {"win-com"} | (set() if command else {"win-com-unknown"})
            text = as_bytes(f"{number}\n{command}")
            yield of_file(machine, "task", file, command, entry=name, user=task.user, text=text, facts=more)


def _facts_of(task: Task) -> frozenset[str]:
    facts = {"win-task"} | ({"win-hidden"} if task.hidden else set()) | (set() if task.enabled else {"win-disabled"})
    as_system = task.user.upper() in ("S-1-5-18", "SYSTEM", "NT AUTHORITY\\SYSTEM", "LOCALSYSTEM")
    return frozenset(facts | ({"win-as-system"} if as_system else set()))


def _walk_cache(machine: WindowsMachine) -> Iterator[tuple[str, str]]:
    """The keys below `Tree` that stand for tasks, each with its task's name."""
    pending = [(f"{CACHE}\\Tree", "", 0)]
    number = 0
    while pending:
        key, name, depth = pending.pop()
        if name and machine.registry.value(key, "Id") is not None:
            number += 1
            if number > MOST_TASKS:
                machine.miss(f"{CACHE}\\Tree", f"more than {MOST_TASKS} tasks: the rest was left out")
                return
            yield key, name
        if depth < MOST_DEPTH:
            below = machine.registry.subkeys(key)[:MOST_TASKS]
            pending += [(f"{key}\\{each}", f"{name}\\{each}", depth + 1) for each in reversed(below)]


def _of_cache(machine: WindowsMachine, key: str, name: str, *, has_file: bool) -> Iterator[Autostart]:
    registry = machine.registry
    facts = {"win-task-cache"}
    if registry.value(key, "SD") is None:
        facts.add("win-task-without-sd")
    if not has_file:
        facts.add("win-task-without-file")
    if len(facts) == 1:
        return
    number = registry.value(key, "Id")
    actions = registry.value(f"{CACHE}\\Tasks\\{number.text() if number is not None else ''}", "Actions")
    command = _read_actions(actions.data) if actions is not None else ""
    yield of_registry(machine, "task", {"key": key, "value": None}, command, entry=name, facts=frozenset(facts))


def _read_actions(data: bytes) -> str:
    """The command of the first program in the scheduler's own form: counted UTF-16 texts behind the mark 0x6666."""
    at = data.find(b"\x66\x66")
    if at < 0:
        return ""
    texts = []
    at += 6
    for _ in range(2):
        count = int.from_bytes(data[at : at + 4], "little")
        if count > len(data) - at - 4:
            break
        texts.append(data[at + 4 : at + 4 + count].decode("utf-16-le", "replace"))
        at += 4 + count
    return " ".join(text for text in texts if text)
