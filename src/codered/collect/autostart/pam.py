"""PAM: what is asked, or run, whenever somebody logs in."""

from collections.abc import Iterator

from codered.collect.autostart.config_lines import ConfigLine, read_lines
from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.known_names import known_names
from codered.collect.autostart.measuring import make_program_entry, measure_file
from codered.collect.autostart.places import read_folder, read_linked, resolve, resolve_folders, to_rel
from codered.collect.autostart.reading import Reader, SmallFile, join
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

_TYPES = ("auth", "account", "password", "session")
SECURITY = b"security"


def collect_pam(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Lines of PAM's configuration that run a program, let everybody in or name a module of no package, and modules
    that are not as a package has them.
    """
    folders = _find_module_folders(reader)
    for file in _read_files(reader):
        if packages.origin(file)[0] != "package":
            yield from _judge_lines(reader, packages, file, folders)
    for folder in folders:
        for entry in reader.list(folder):
            if entry.is_file and entry.name.endswith((b".so", b".so.0")):
                yield from _check_module(reader, packages, entry.rel)


def _read_files(reader: Reader) -> Iterator[SmallFile]:
    for rel in known_names("pam-files"):
        found = read_linked(reader, rel)
        if found is not None:
            yield found[0]
    for folder in resolve_folders(reader, known_names("pam-folders")):
        for file, _ in read_folder(reader, folder):
            yield file


def _judge_lines(
    reader: Reader, packages: PackageDatabase, file: SmallFile, folders: tuple[bytes, ...]
) -> Iterator[Autostart]:
    for line in read_lines(file):
        kind, control, module, options = _split(line)
        if not module:
            continue
        facts = set()
        command = ""
        if module.rpartition("/")[2] == "pam_exec.so":
            command = next((word for word in options if word.startswith("/")), "")
            facts.add("pam-exec")
            if command and not packages.owner(_real(reader, command)):
                facts.add("pam-exec-foreign")
            facts |= {name for name in ("expose_authtok", "seteuid") if name in options}
        elif module.rpartition("/")[2] == "pam_permit.so" and kind == "auth" and control == "sufficient":
            facts.add("pam-lets-in")
        elif packages.known and not _is_owned(reader, packages, module, folders):
            facts.add("pam-module-foreign")
            command = module if module.startswith("/") else ""
        if facts:
            yield make_entry(
                reader, packages, file, "pam", entry=module, command=command, user="root", line=line.number,
                text=line.raw, facts=frozenset(fact.replace("_", "-") for fact in facts),
            )  # fmt: skip


def _split(line: ConfigLine) -> tuple[str, str, str, list[str]]:
    """Type, control, module and options; no module for an include or a line that makes no sense."""
    text = line.text.partition("#")[0]
    begin, bracket, rest = text.partition("[")
    control, _, after = rest.partition("]")
    words = [*begin.split(), control, *after.split()] if bracket and len(begin.split()) <= 2 else text.split()
    while words and words[0].lstrip("-").lower() not in _TYPES:
        words = words[1:] if len(words) > 3 and words[1].lstrip("-").lower() in _TYPES else []
    if len(words) < 3 or words[1] in ("include", "substack"):
        return "", "", "", []
    return words[0].lstrip("-").lower(), words[1], words[2], words[3:]


def _is_owned(reader: Reader, packages: PackageDatabase, module: str, folders: tuple[bytes, ...]) -> bool:
    """Whether a package owns the module; one that is nowhere counts as owned: packages name modules of others."""
    name = module.encode(errors="replace")
    if name.startswith(b"/"):
        return bool(packages.owner(_real(reader, module)))
    there = [rel for rel in (join(folder, name) for folder in folders) if reader.stat(rel) is not None]
    return not there or any(packages.owner(rel) for rel in there)


def _real(reader: Reader, path: str) -> bytes:
    rel = to_rel(path.encode(errors="replace"))
    return resolve(reader, rel) or rel


def _find_module_folders(reader: Reader) -> tuple[bytes, ...]:
    found = []
    for top in resolve_folders(reader, known_names("library-tops")):
        found.append(join(top, SECURITY))
        found += [join(entry.rel, SECURITY) for entry in reader.list(top) if b"-linux-" in entry.name]
    return resolve_folders(reader, found)


def _check_module(reader: Reader, packages: PackageDatabase, rel: bytes) -> Iterator[Autostart]:
    if not packages.known:
        return
    program = measure_file(reader, rel)
    if program is None:
        return
    recorded = packages.recorded_sum(rel)
    if packages.owner(rel) and recorded in ("", program.md5):
        return
    fact = "pam-module-changed" if recorded else "pam-module-unowned"
    yield make_program_entry(
        reader, packages, program, "pam", entry=rel.rpartition(b"/")[2].decode(errors="backslashreplace"),
        user="root", facts=frozenset((fact,)),
    )  # fmt: skip
