"""What goes onto a rescue medium beside the kernel: interpreter, the tool with its libraries and packs, programs."""

import importlib.metadata
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

import codered
from codered import __version__
from codered.model.errors import Refused
from codered.rescue.initramfs import Entry
from codered.rescue.programs import find_program, run_program

PYTHON = "usr/lib/python{}.{}".format(*sys.version_info[:2])
PACKAGES = f"{PYTHON}/site-packages"
IDENTITY = "etc/codered-medium.json"
_LINKS = (("bin", "usr/bin"), ("sbin", "usr/sbin"), ("lib", "usr/lib"), ("lib64", "usr/lib64"))


class Provided(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that Debian brings, and the package it is in."""

    name: str
    package: str


class Parts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table in parts.json: what of Python stays out, which distributions, programs, libraries, converters of the C
    library, and kernel modules go in.
    """

    not_of_python: frozenset[str]
    distributions: tuple[str, ...]
    programs: tuple[Provided, ...]
    libraries: tuple[Provided, ...]
    converters: tuple[str, ...]
    modules: tuple[str, ...]


@cache
def read_parts() -> Parts:
    """The table in parts.json."""
    raw = resources.files("codered.rescue").joinpath("parts.json").read_bytes()
    return msgspec.json.decode(raw, type=Parts)


def list_system(packs: Path, identity: bytes = b"{}") -> Iterator[Entry]:
    """Everything but the kernel's part; `identity` is what the medium knows of itself (`building.Identity`). Raises
    Refused if something is not installed here.
    """
    parts = read_parts()
    for name, to in _LINKS:
        yield Entry(name, link=to)
    files = [*_list_python(parts), *_list_distributions(parts), *_list_programs(parts), *_list_converters(parts)]
    yield from files
    yield from _list_tool(packs)
    yield from _list_libraries(entry.source for entry in files if _is_linked(entry))
    yield Entry("etc/modules-to-load", data="\n".join([*parts.modules, ""]).encode())
    yield Entry("etc/codered-version", data=f"{__version__}\n".encode())
    yield Entry(IDENTITY, data=identity)
    yield Entry("etc/passwd", data=b"root:x:0:0:root:/root:/bin/sh\n")
    yield Entry("etc/group", data=b"root:x:0:\n")
    init = resources.files("codered.rescue").joinpath("init.sh").read_bytes()
    yield Entry("init", data=init, mode=0o755)


def _list_python(parts: Parts) -> Iterator[Entry]:
    executable = os.path.realpath(sys.executable)
    yield Entry("usr/bin/python3", executable, mode=0o755)
    library = Path(sysconfig.get_path("stdlib"))
    for folder, folders, names in os.walk(library):
        folders[:] = [name for name in folders if not _is_left_out(name, parts)]
        below = os.path.relpath(folder, library)
        for name in names:
            if name.endswith((".a", ".pyc", ".exe")):
                continue
            yield Entry(os.path.normpath(f"{PYTHON}/{below}/{name}"), os.path.join(folder, name))
    dynamic = sysconfig.get_config_var("DESTSHARED")
    if dynamic and not str(dynamic).startswith(str(library)):
        for name in sorted(os.listdir(dynamic)):
            yield Entry(f"{PYTHON}/lib-dynload/{name}", os.path.join(dynamic, name))


def _is_left_out(name: str, parts: Parts) -> bool:
    return name in parts.not_of_python or name.startswith("config-")


def _list_distributions(parts: Parts) -> Iterator[Entry]:
    for name in parts.distributions:
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            advice = "install the tool with its extra [images]"
            raise Refused("a library the medium needs is not installed", where=name, advice=advice) from None
        for file in found.files or ():
            place = str(file)
            if ".." in place or place.endswith(".pyc") or not found.locate_file(file).is_file():  # type: ignore[attr-defined]
                continue
            yield Entry(f"{PACKAGES}/{place}", str(found.locate_file(file)))


def _list_programs(parts: Parts) -> Iterator[Entry]:
    for program in parts.programs:
        path = find_program(program.name)
        if path is None:
            raise Refused("a program the medium needs is not installed", where=program.name,
                          advice=f"apt-get install {program.package}")  # fmt: skip
        yield Entry(f"usr/bin/{program.name}", os.path.realpath(path), mode=0o755)
    folders = _library_folders()
    for library in parts.libraries:
        path = next((each for folder in folders if os.path.exists(each := f"{folder}/{library.name}")), None)
        if path is None:
            raise Refused("a library the medium needs is not installed", where=library.name,
                          advice=f"apt-get install {library.package}")  # fmt: skip
        yield Entry(_place(path), os.path.realpath(path))


def _library_folders() -> tuple[str, ...]:
    triplet = sysconfig.get_config_var("MULTIARCH") or "x86_64-linux-gnu"
    return (f"/usr/lib/{triplet}", "/usr/lib64", "/usr/lib", f"/lib/{triplet}")


def _list_converters(parts: Parts) -> Iterator[Entry]:
    """What the C library turns UTF-16 into text by: without it no hive can be opened."""
    folder = next((Path(each) / "gconv" for each in _library_folders() if (Path(each) / "gconv").is_dir()), None)
    for name in parts.converters if folder else ():
        path = Path(str(folder)) / name
        if path.is_file():
            yield Entry(_place(str(path)), str(path))
        for inner in sorted(path.iterdir()) if path.is_dir() else ():
            yield Entry(_place(str(inner)), str(inner))


def _list_tool(packs: Path) -> Iterator[Entry]:
    for top, into in ((Path(codered.__file__).parent, "codered"), (packs, "codered/shipped_packs")):
        for folder, folders, names in os.walk(top):
            folders[:] = [name for name in folders if name != "__pycache__"]
            below = os.path.relpath(folder, top)
            for name in names:
                yield Entry(os.path.normpath(f"{PACKAGES}/{into}/{below}/{name}"), os.path.join(folder, name))


def _is_linked(entry: Entry) -> bool:
    name = entry.name
    return bool(entry.source) and (name.startswith("usr/bin/") or ".so" in os.path.basename(name))


def _list_libraries(files: Iterable[str]) -> Iterator[Entry]:
    """The shared libraries these files are linked with, each under the name it is looked for by."""
    done = run_program("ldd", *dict.fromkeys(files))
    for line in done.stdout.splitlines():
        if line.endswith(":"):
            continue
        left, arrow, right = line.strip().partition(" => ")
        path = (right if arrow else left).rpartition(" (")[0]
        if path.startswith("/") and os.path.isfile(path):
            yield Entry(_place(path), os.path.realpath(path), mode=0o755)


def _place(path: str) -> str:
    """Where it lies on the medium: `/lib` is `/usr/lib` there."""
    path = os.path.normpath(path)
    top = path.split("/", 2)[1]
    return "usr" + path if any(top == name for name, _ in _LINKS) else path[1:]
