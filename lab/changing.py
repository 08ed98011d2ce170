"""What happens to machines while the laboratory is up: a web server answers otherwise, a host is infected again."""

from pathlib import Path

from lab import linux_hosts
from lab.building import Builder, start_web
from lab.namespaces import CannotBuild, list_namespaces, remove_processes
from lab.papers import write_truth
from lab.plan import read_answers
from lab.records import alone, check_folder, read_record


def dress_machine(folder: Path, name: str, personality: str) -> None:
    """Have a web server answer as this personality from now on: it was patched, made anew, or infected (inert: only its
    answers are another). Raises CannotBuild.
    """
    folder = check_folder(folder)
    with alone(folder):
        builder = _open(folder)
        servers = {one.name for one in builder.enterprise.machines if one.personality}
        if name not in servers or personality not in read_answers():
            what = f"{name}, {personality}: no web server of the laboratory, or no personality of web_answers.json"
            raise CannotBuild(what)
        builder.record.dressed[name] = personality
        fresh = Builder(folder, builder.record)
        # It is in the namespace in which it listened last.
        remove_processes([builder.record.parts.pop("web")[0]], list_namespaces(builder.record.id))
        start_web(fresh)
        fresh.record.write(folder)
        write_truth(folder, fresh.enterprise, fresh.record)


def infect_machine(folder: Path, name: str) -> None:
    """Lay what is planted on a Linux host there once more. Raises CannotBuild."""
    folder = check_folder(folder)
    with alone(folder):
        builder = _open(folder)
        machine = next((one for one in builder.enterprise.machines if one.name == name and one.linux), None)
        if machine is None:
            raise CannotBuild(f"{name}: no Linux host of the laboratory")
        linux_hosts.plant(folder / "hosts" / name, machine.linux)


def _open(folder: Path) -> Builder:
    record = read_record(folder)
    if record is None or not record.up:
        raise CannotBuild(f"{folder}: no laboratory is up there")
    return Builder(folder, record)
