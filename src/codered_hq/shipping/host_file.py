"""The host tool in one file: `codered-host.pyz`, and `codered-point.pyz` for scan points, which can sweep too.

Made from what is installed here, without network. The same parts give the same bytes. What it does on a host stands in
`host_main.py` and `host_start.py`.
"""

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
import zipfile
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from codered.model.errors import WrongUse
from codered_hq.model.engine import Program
from codered_hq.shipping.parts import find_glibc, list_parts

HOST_FILE_FORMAT = "codered/host-file/1"
_FIRST_LINE = b"#!/usr/bin/env python3\n"
_THEN = (1980, 1, 1, 0, 0, 0)
_LEVEL = 6
_STARTS = {"__main__.py": "host_main.py", "host_start.py": "host_start.py"}
_PROCESSES = 2
_SECONDS = 300


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """manifest.json in the one file: what it needs, and SHA-256 and size of every file in it."""

    format: str
    python: tuple[int, int]
    machine: str
    glibc: tuple[int, int]
    files: dict[str, tuple[str, int]]


class _MadeFrom(msgspec.Struct, frozen=True):
    parts: str
    sha256: str


def build_host_file(into: Path, *, with_prober: bool = False) -> Program:
    """The one file in the folder `into` (made if need be); it is only made anew when a part of it changed. Raises
    WrongUse.
    """
    path = into / ("codered-point.pyz" if with_prober else "codered-host.pyz")
    parts = list_parts(with_prober=with_prober)
    wanted = _digest_parts(parts)
    try:
        into.mkdir(parents=True, exist_ok=True)
        known = _read_made_from(path)
        if known is None or known.parts != wanted or _digest_file(path) != known.sha256:
            _write_host_file(path, parts)
            known = _MadeFrom(wanted, _digest_file(path))
            _made_from(path).write_bytes(msgspec.json.encode(known))
        return Program(path=str(path), sha256=known.sha256, size=path.stat().st_size)
    except OSError as error:
        what, advice = f"can't be made: {error.strerror or error}", "make room there"
        raise WrongUse(what, where=str(path), advice=advice) from None


def _write_host_file(path: Path, parts: dict[str, Path]) -> None:
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".codered-") as work:
        whole = dict(sorted((parts | _compile(parts, Path(work))).items()))
        listed = {name: (_digest_file(here), here.stat().st_size) for name, here in whole.items()}
        manifest = Manifest(
            format=HOST_FILE_FORMAT,
            python=(sys.version_info.major, sys.version_info.minor),
            machine=platform.machine(),
            glibc=find_glibc(),
            files=listed,
        )
        made = Path(work) / "made.pyz"
        with open(made, "wb") as out:
            out.write(_FIRST_LINE)
            with zipfile.ZipFile(out, "w") as archive:
                for inside, ours in _STARTS.items():
                    _add(archive, inside, _read_own(ours))
                _add(archive, "manifest.json", msgspec.json.encode(manifest))
                for name, here in whole.items():
                    _add(archive, f"files/{name}", here.read_bytes())
        made.chmod(0o755)
        made.replace(path)


def _compile(parts: dict[str, Path], work: Path) -> dict[str, Path]:
    """The compiled form of every Python file, by its name in the one file; each process takes the same share always."""
    tag = sys.implementation.cache_tag
    sources = [(name, here) for name, here in parts.items() if name.endswith(".py")]
    asked, made = [""] * _PROCESSES, {}
    for number, (name, here) in enumerate(sources):
        folder, _, file = name.rpartition("/")
        result = work / f"{number}.pyc"
        compiled = f"{folder}/__pycache__/{file[:-3]}.{tag}.pyc".lstrip("/")
        made[compiled] = result
        asked[number % _PROCESSES] += f"{here}\t{result}\t{name}\n"
    command = [sys.executable, "-s", "-S", "-P", str(files(__package__).joinpath("compiling.py"))]
    environment = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    running = []
    for number, text in enumerate(asked):
        listed = work / f"{number}.list"
        listed.write_text(text, encoding="utf-8")
        with open(listed, "rb") as lines:
            running.append(
                subprocess.Popen(  # noqa: S603 - our own interpreter and file, as a list
                    command, stdin=lines, stdout=subprocess.DEVNULL, env=environment
                )
            )
    codes = [process.wait(_SECONDS) for process in running]
    if any(codes):
        raise WrongUse("the host tool can't be compiled", where=sys.executable, advice="install codered-detect again")
    return {name: here for name, here in made.items() if here.is_file()}


def _add(archive: zipfile.ZipFile, name: str, body: bytes) -> None:
    entry = zipfile.ZipInfo(name, _THEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # Unix, also where it is made elsewhere
    archive.writestr(entry, body, compresslevel=_LEVEL)


@cache
def _read_own(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()


def _digest_parts(parts: dict[str, Path]) -> str:
    starts = b"\0".join(_read_own(name) for name in _STARTS.values())
    digest = hashlib.sha256(f"{sys.version}\0{platform.machine()}\0{_LEVEL}".encode() + starts)
    for name, here in parts.items():
        digest.update(f"{name}\0{_digest_file(here)}\n".encode())
    return digest.hexdigest()


def _digest_file(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _made_from(path: Path) -> Path:
    return path.with_suffix(".made-from")


def _read_made_from(path: Path) -> _MadeFrom | None:
    try:
        return msgspec.json.decode(_made_from(path).read_bytes(), type=_MadeFrom) if os.path.lexists(path) else None
    except (OSError, msgspec.DecodeError):
        return None
