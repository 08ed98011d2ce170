"""Docker containers that hold the host: privileged, in its process space, with its files, started again and again."""

from collections.abc import Iterator

import msgspec

from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.known_names import known_names
from codered.collect.autostart.places import resolve_folders
from codered.collect.autostart.reading import Reader, SmallFile, join
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

MOST_CONTAINERS = 2_000
_WHOLE = ("/", "/etc", "/root", "/home", "/usr", "/boot", "/var", "/proc", "/dev")
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock")


class _Policy(msgspec.Struct):
    Name: str = ""


class _HostConfig(msgspec.Struct):
    RestartPolicy: _Policy | None = None
    Privileged: bool = False
    PidMode: str = ""
    NetworkMode: str = ""
    Binds: list[str] | None = None
    CapAdd: list[str] | None = None


class _Inner(msgspec.Struct):
    Image: str = ""


class _Config(msgspec.Struct):
    Name: str = ""
    Path: str = ""
    Args: list[str] | None = None
    Config: _Inner | None = None


def collect_containers(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Every container that has a hold of the host; the entry is its hostconfig.json, without which it has none."""
    for top in resolve_folders(reader, known_names("container-folders")):
        for number, entry in enumerate(reader.list(top)):
            if number == MOST_CONTAINERS:
                reader.miss(top, f"more than {MOST_CONTAINERS} containers: the rest was left out")
                return
            file = reader.read(join(entry.rel, b"hostconfig.json")) if entry.is_folder else None
            if file is not None:
                yield from _make(reader, packages, file, entry.rel)


def _make(reader: Reader, packages: PackageDatabase, file: SmallFile, folder: bytes) -> Iterator[Autostart]:
    try:
        host = msgspec.json.decode(file.data, type=_HostConfig)
    except (msgspec.DecodeError, RecursionError):
        reader.miss(file.rel, "does not parse as the settings of a container")
        return
    facts = _judge(host)
    config = _read_config(reader, join(folder, b"config.v2.json"))
    command = " ".join([config.Path, *(config.Args or [])])[:4096]
    if facts - {"restarts"} or command:
        name = config.Name.lstrip("/")[:255] or folder.rpartition(b"/")[2].decode(errors="backslashreplace")[:12]
        image = config.Config.Image if config.Config else ""
        yield make_entry(
            reader, packages, file, "container", entry=name, user="root", facts=frozenset(facts),
            text=f"{image} {command}".encode(errors="backslashreplace"),
        )  # fmt: skip


def _judge(host: _HostConfig) -> set[str]:
    facts = set()
    if host.RestartPolicy is not None and host.RestartPolicy.Name in ("always", "unless-stopped"):
        facts.add("restarts")
    if host.Privileged or "SYS_ADMIN" in (host.CapAdd or ()) or "ALL" in (host.CapAdd or ()):
        facts.add("privileged")
    if host.PidMode == "host":
        facts.add("host-processes")
    for bind in (host.Binds or [])[:1000]:
        source, _, rest = bind.partition(":")
        source = source.rstrip("/") or "/"
        options = rest.partition(":")[2].split(",")
        if source in _WHOLE and "ro" not in options:
            facts.add("host-files")
        if source in _SOCKETS:
            facts.add("docker-socket")
    return facts


def _read_config(reader: Reader, rel: bytes) -> _Config:
    file = reader.read(rel)
    if file is None:
        return _Config()
    try:
        return msgspec.json.decode(file.data, type=_Config)
    except (msgspec.DecodeError, RecursionError):
        reader.miss(rel, "does not parse as the settings of a container")
        return _Config()
