"""What init starts: scripts and the links that switch them on, its tables, upstart jobs, and rc.local."""

from collections.abc import Iterator

from codered.collect.autostart.commands import list_programs
from codered.collect.autostart.entries import BY_LINE, Fields, link_paths, make_entry
from codered.collect.autostart.places import read_folder, read_linked, resolve, resolve_folders
from codered.collect.autostart.programs import read_program
from codered.collect.autostart.reading import Reader, SmallFile, as_text
from codered.collect.autostart.tables import table
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

_INITTAB_PARTS = 4  # id:levels:action:process
_INETD_PARTS = 6  # service socket protocol wait user program arguments


def collect_init_scripts(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Every init script with its rcN.d links, every job of upstart and xinetd, every line of inittab and inetd.conf."""
    links = _read_links(reader)
    seen: set[bytes] = set()
    for folder in resolve_folders(reader, table("init-folders")):
        for entry in reader.list(folder):
            program = None if entry.is_folder else read_program(reader, entry.rel)
            if program is None or program.file.rel in seen or entry.rel in table("rc-files"):
                continue
            seen.add(program.file.rel)
            switches = tuple(dict.fromkeys((*links.pop(program.file.rel, ()), *program.links)))
            yield make_entry(
                reader, packages, program.file, "init", entry=as_text(entry.name, 255), user="root",
                text=program.text, links=link_paths(reader, switches),
            )  # fmt: skip
    for rel, switches in links.items():  # scripts that lie in rcN.d itself, or somewhere else
        program = read_program(reader, rel)
        if program is not None and rel not in seen:
            yield make_entry(
                reader, packages, program.file, "init" if switches else "rc",
                entry=as_text(rel.rpartition(b"/")[2], 255), user="root", text=program.text,
                links=link_paths(reader, switches),
            )  # fmt: skip
    for rel in table("init-tables"):
        found = read_linked(reader, rel)
        if found is not None:
            yield from _read_table(reader, packages, found[0])


def collect_rc_files(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """rc.local and its like, under all of their names."""
    found = [read_linked(reader, rel) for rel in table("rc-files")]
    for folder in resolve_folders(reader, table("rc-folders")):
        found += list(read_folder(reader, folder))
    seen: set[bytes] = set()
    for item in found:
        if item is None or item[0].rel in seen:
            continue
        file, links = item
        seen.add(file.rel)
        yield make_entry(
            reader, packages, file, "rc", entry=as_text(file.rel.rpartition(b"/")[2], 255), user="root",
            links=link_paths(reader, links), facts=frozenset((BY_LINE,)),
        )  # fmt: skip


def _read_links(reader: Reader) -> dict[bytes, tuple[bytes, ...]]:
    """Where the links of the rcN.d folders lead -> those links."""
    links: dict[bytes, tuple[bytes, ...]] = {}
    for folder in resolve_folders(reader, table("init-link-folders")):
        for entry in reader.list(folder):
            real = None if entry.is_folder else resolve(reader, entry.rel)
            if real is not None:
                links[real] = (*links.get(real, ()), *((entry.rel,) if entry.is_link else ()))
    return links


def _read_table(reader: Reader, packages: PackageDatabase, file: SmallFile) -> Iterator[Autostart]:
    is_inittab = file.rel.endswith(b"inittab")
    for number, raw in file.lines():
        text = as_text(raw, 8192).strip()
        if not text or text.startswith("#"):
            continue
        parts = text.split(":", _INITTAB_PARTS - 1) if is_inittab else text.split(None, _INETD_PARTS - 1)
        whole = len(parts) == (_INITTAB_PARTS if is_inittab else _INETD_PARTS)
        command = parts[-1] if whole else ""
        fields = Fields(
            entry=parts[0], command=command, line=number, text=raw, runs=list_programs(command),
            user="root" if is_inittab else parts[4] if whole else "",
            facts=frozenset(() if whole else ("does-not-parse",)),
        )  # fmt: skip
        yield make_entry(reader, packages, file, "init", **fields)
