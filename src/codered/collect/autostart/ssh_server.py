"""The SSH server's settings: other places for keys, programs that hand out keys, and commands that run at login."""

from collections.abc import Iterator

from codered.collect.autostart.commands import list_programs
from codered.collect.autostart.config_lines import read_lines
from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.homes import list_homes
from codered.collect.autostart.known_names import is_known, known_names
from codered.collect.autostart.php_directives import is_temporary
from codered.collect.autostart.places import read_folder, read_linked, resolve, resolve_folders, to_rel
from codered.collect.autostart.reading import Reader, SmallFile, as_text, join
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

_PROGRAMS = ("authorizedkeyscommand", "authorizedprincipalscommand", "forcecommand", "subsystem")


def collect_ssh_server(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Lines of sshd_config that run something or look for keys elsewhere; scripts that run at every login."""
    for file in read_ssh_settings(reader):
        if packages.origin(file)[0] == "package":
            continue
        for line in read_lines(file):
            facts, command = _judge(reader, packages, line.text)
            if facts:
                yield make_entry(
                    reader, packages, file, "ssh_server", entry=line.text.split()[0][:255], command=command,
                    line=line.number, text=line.raw, facts=frozenset(facts),
                )  # fmt: skip
    places = [(rel, "") for rel in known_names("ssh-scripts")]
    for home in list_homes(reader):
        places += [(join(home.rel, name), home.user) for name in known_names("home-ssh-files")]
    for rel, user in places:
        found = read_linked(reader, rel)
        if found is not None and packages.origin(found[0])[0] != "package":
            facts = {"ssh-login-script"}
            if rel.endswith(b"environment") and b"LD_PRELOAD" in found[0].data:
                facts.add("keeps-loader-variables")
            name = as_text(rel.rpartition(b"/")[2])
            runs = list_programs(found[0].data[:8192].decode(errors="replace"))
            yield make_entry(
                reader, packages, found[0], "ssh_server", entry=name, user=user, runs=runs, facts=frozenset(facts)
            )


def read_ssh_settings(reader: Reader) -> Iterator[SmallFile]:
    """sshd_config and the files of sshd_config.d."""
    for rel in known_names("ssh-files"):
        found = read_linked(reader, rel)
        if found is not None:
            yield found[0]
    for folder in resolve_folders(reader, known_names("ssh-folders")):
        for file, _ in read_folder(reader, folder, (b".conf",)):
            yield file


def _judge(reader: Reader, packages: PackageDatabase, text: str) -> tuple[set[str], str]:
    """Facts and the program that is run."""
    words = text.replace("=", " ", 1).split()
    if not words:
        return set(), ""
    key, values = words[0].lower(), [word.strip('"') for word in words[1:]]
    facts: set[str] = set()
    command = ""
    if key in _PROGRAMS and values:
        named = values[1:] if key == "subsystem" else values
        command = " ".join(named) if named and named[0].startswith("/") else ""
        if command and packages.known and not _is_owned(reader, packages, named[0]):
            facts.add(f"ssh-{key}-foreign")
        if is_temporary(command):
            facts.add("ssh-program-temporary")
    elif key == "authorizedkeysfile":
        odd = [value for value in values if not is_known("usual-key-files", value.encode(errors="replace"))
               and not value.startswith(("/etc/ssh/", "/var/lib/"))]  # fmt: skip
        if odd:
            facts.add("ssh-keys-elsewhere")
        if any(is_temporary(value) for value in odd):
            facts.add("ssh-program-temporary")
    elif key == "setenv" and "LD_" in text:
        facts.add("keeps-loader-variables")
    elif key == "permitemptypasswords" and values[:1] == ["yes"]:
        facts.add("ssh-empty-passwords")
    return facts, command if facts else ""


def _is_owned(reader: Reader, packages: PackageDatabase, path: str) -> bool:
    rel = to_rel(path.encode(errors="replace"))
    return bool(packages.owner(resolve(reader, rel) or rel))
