"""The start of the one file on a host: unpack once, look at every start that nothing was changed, run.

Python 3.6 must be able to read this, so that it can say what is missing. It leans on nothing but Python itself.
The files are laid out as a virtual environment of their own in a private folder of the state folder, named by the
digest of the manifest: each process of the tool finds its parts there, and nothing else, by `python -I -m codered`.
"""

import binascii
import errno
import hashlib
import json
import os
import platform
import shutil
import stat
import sys
import zipfile
import zlib
from typing import Any

WRONG_USE, UNSUPPORTED, REFUSED = 2, 3, 4
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, RuntimeError, OSError)
OTHERS = ("/usr/bin/python{}.{}", "/usr/local/bin/python{}.{}")
NO_EXEC = getattr(os, "ST_NOEXEC", 8)


class Stopped(Exception):
    """One line for people, and the exit code."""

    def __init__(self, code: int, line: str) -> None:
        super().__init__(line)
        self.code = code
        self.line = line


def start(archive: str, words: "list[str]") -> None:
    """Become the host tool. Raises Stopped."""
    with open_archive(archive) as opened:
        raw = read_part(opened, "manifest.json")
        manifest = json.loads(raw.decode())
        check_system(manifest, archive, words)
        try:
            folder = unpack_once(opened, manifest, hashlib.sha256(raw).hexdigest()[:32])
        except OSError as error:
            raise Stopped(WRONG_USE, f"can't be unpacked: {error}: {advise(error)}") from None
    program = os.path.join(folder, "bin", "python")
    command = [program, "-I", "-m", "codered"] + words  # noqa: RUF005 - as old Pythons read it
    os.execve(program, command, make_environment(folder))  # noqa: S606 - no shell


def open_archive(archive: str) -> zipfile.ZipFile:
    """The one file, to be read. Raises Stopped."""
    try:
        return zipfile.ZipFile(archive)
    except DAMAGED as error:
        raise tell_damage(f"its list of files: {error}") from None


def read_part(opened: zipfile.ZipFile, name: str) -> bytes:
    """What it holds under this name. Raises Stopped."""
    try:
        return opened.read(name)
    except DAMAGED:
        raise tell_damage(repr(name)) from None


def tell_damage(where: str) -> Stopped:
    """That this file is not the one that was published."""
    line = f"this file is damaged at {where}: copy it again, and verify it as VERIFY.md of the release says"
    return Stopped(WRONG_USE, line)


def advise(error: OSError) -> str:
    """What to do if a folder can't be made or written to."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "make room there, or set CODERED_STATE to a folder elsewhere"
    return "set CODERED_STATE to a folder that you can write to"


def make_environment(folder: str) -> "dict[str, str]":
    """Ours, with the cache in the state folder too: what is copied to a host leaves nothing elsewhere."""
    environment = dict(os.environ)
    if not environment.get("CODERED_CACHE"):
        environment["CODERED_CACHE"] = os.path.join(os.path.dirname(os.path.dirname(folder)), "cache")
    return environment


def check_system(manifest: "dict[str, Any]", archive: str, words: "list[str]") -> None:
    """That this is the Python and the system that the compiled parts are for; goes on with the right Python where
    another one was asked. Raises Stopped.
    """
    python, glibc = tuple(manifest["python"]), tuple(manifest["glibc"])
    name, version = platform.libc_ver()
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    here = (platform.machine(), sys.platform, sys.implementation.name)
    fits = here == (manifest["machine"], "linux", "cpython") and name == "glibc" and numbers >= glibc
    if fits and sys.version_info[:2] == python:
        return
    if fits:
        for pattern in OTHERS:
            other = pattern.format(*python)
            if os.access(other, os.X_OK) and os.path.realpath(other) != os.path.realpath(sys.executable):
                os.execv(other, [other, "-I", archive] + words)  # noqa: S606, RUF005
    needs = f"CPython {python[0]}.{python[1]} on {manifest['machine']} Linux with glibc {glibc[0]}.{glibc[1]} or newer"
    own = f"{sys.implementation.name} {platform.python_version()}"
    found = f"{own} on {here[0]} {here[1]} with {name or 'no glibc'} {version}".rstrip()
    report = {"format": "codered/unsupported/1", "needs": needs, "here": found}
    sys.stdout.write(json.dumps(report, sort_keys=True) + "\n")
    raise Stopped(UNSUPPORTED, f"Unsupported: this file needs {needs}; here is {found}")


def unpack_once(opened: zipfile.ZipFile, manifest: "dict[str, Any]", digest: str) -> str:
    """The folder with every file as it was shipped. Raises Stopped and OSError."""
    home = open_home()
    folder = os.path.join(home, digest)
    if os.path.lexists(folder):
        harm = find_harm(folder, manifest)
        if not harm:
            return folder
        aside = folder + ".not-as-shipped"
        say(f"{folder}: {harm}: it is not run; moved to {os.path.basename(aside)}, and unpacked anew")
        shutil.rmtree(aside, ignore_errors=True)
        os.rename(folder, aside)
    new = os.path.join(home, ".new-" + binascii.hexlify(os.urandom(8)).decode())
    os.mkdir(new, 0o700)
    try:
        unpack(opened, manifest, new)
        try:
            os.rename(new, folder)
        except OSError:  # another start was quicker
            if not os.path.isdir(folder) or find_harm(folder, manifest):
                raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return folder


def open_home() -> str:
    """The folder for unpacked tools, ours alone, made if need be. Raises Stopped and OSError."""
    state = os.environ.get("CODERED_STATE") or ("/var/lib/codered" if os.geteuid() == 0 else "")
    if not state:
        own = os.environ.get("XDG_STATE_HOME", "")
        state = os.path.join(own if own.startswith("/") else os.path.expanduser("~/.local/state"), "codered")
        if not state.startswith("/"):
            raise Stopped(WRONG_USE, "you have no home folder: set CODERED_STATE to a folder that you can write to")
    home = os.path.join(os.path.abspath(state), "host-tool")
    for place in (os.path.dirname(home), home):  # one after the other: makedirs leaves those above it to the umask
        os.makedirs(place, 0o700, exist_ok=True)
    for place in (os.path.dirname(home), home):
        status = os.lstat(place) if place == home else os.stat(place)
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
            line = "%s: others may write in this folder, or it is a link: make it yours alone (chown, chmod 700)"
            raise Stopped(REFUSED, line % (place,))
    if os.statvfs(home).f_flag & NO_EXEC:
        line = "%s: nothing may be run from this volume (noexec): set CODERED_STATE to a folder elsewhere"
        raise Stopped(WRONG_USE, line % (home,))
    return home


def unpack(opened: zipfile.ZipFile, manifest: "dict[str, Any]", new: str) -> None:
    """Every file of the manifest, verified before it is written. Raises Stopped and OSError."""
    top = find_packages(new, manifest)
    made = set()
    for name in sorted(manifest["files"]):
        if name.startswith("/") or ".." in name.split("/"):
            raise Stopped(REFUSED, f"this file holds a name that leads out of its folder: {name!r}")
        body = read_part(opened, "files/" + name)
        if [hashlib.sha256(body).hexdigest(), len(body)] != manifest["files"][name]:
            raise tell_damage(repr(name))
        path = os.path.join(top, name)
        if os.path.dirname(path) not in made:
            os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
            made.add(os.path.dirname(path))
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(body)
    os.mkdir(os.path.join(new, "bin"), 0o700)
    os.symlink(find_python(), os.path.join(new, "bin", "python"))
    with open(os.path.join(new, "pyvenv.cfg"), "w") as file:
        file.write(render_config())


def find_harm(folder: str, manifest: "dict[str, Any]") -> str:
    """What is not as it was shipped, "" if all is: each file is read whole, and there may be no other."""
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o022:
        return "others may have written in it"
    left = {os.path.join(find_packages(folder, manifest), name): how for name, how in manifest["files"].items()}
    own = {os.path.join(folder, "bin", "python"), os.path.join(folder, "pyvenv.cfg")}
    for place, folders, names in os.walk(folder):
        if any(os.path.islink(os.path.join(place, name)) for name in folders):
            return "a folder in it is a link"
        for name in names:
            path = os.path.join(place, name)
            if path in own:
                continue
            if path not in left:
                return f"{os.path.relpath(path, folder)} was not shipped"
            sha256, size = left.pop(path)
            if digest_file(path, int(size)) != sha256:
                return f"{os.path.relpath(path, folder)} was changed"
    if left:
        return f"{os.path.relpath(sorted(left)[0], folder)} is missing"
    return find_wrong_python(folder)


def find_wrong_python(folder: str) -> str:
    """Whether it would still be run by the Python that runs this, "" if so."""
    try:
        with open(os.path.join(folder, "pyvenv.cfg")) as file:
            same = file.read(4096) == render_config()
        same = same and os.readlink(os.path.join(folder, "bin", "python")) == find_python()
    except (OSError, ValueError):
        same = False
    return "" if same else "it is set up for another Python"


def digest_file(path: str, size: int) -> str:
    """SHA-256 of a regular file of this size, "" for anything else."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK) if not os.path.islink(path) else -1
    if handle < 0:
        return ""
    with open(handle, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size != size:
            return ""
        return hashlib.sha256(file.read(size + 1)).hexdigest()


def find_packages(folder: str, manifest: "dict[str, Any]") -> str:
    """Where Python looks for packages in an environment of its own."""
    return os.path.join(folder, "lib", "python{}.{}".format(*manifest["python"]), "site-packages")


def find_python() -> str:
    """The Python that runs this, not by way of a link."""
    return os.path.realpath(sys.executable)


def render_config() -> str:
    """pyvenv.cfg: nothing of the system's own packages is used."""
    return f"home = {os.path.dirname(find_python())}\ninclude-system-site-packages = false\n"


def say(line: str) -> None:
    """Talk."""
    sys.stderr.write(f"codered: {line}\n")


def run(words: "list[str]") -> int:
    """Become the host tool, else say in one line why not; `words` begins with the archive. The exit code."""
    try:
        start(os.path.abspath(words[0]), words[1:])
    except Stopped as stopped:
        say(stopped.line)
        return stopped.code
    return 0
