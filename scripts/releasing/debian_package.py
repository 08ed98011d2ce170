"""The Debian package of the host tool: the files of codered.pyz laid out as an environment of their own below
/usr/lib/codered, with its start, man pages, completions and licences. See release/debian/.
"""

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from typing import NamedTuple

import msgspec

from codered import __version__
from codered.cli.completing import make_script
from codered.model.errors import CodeRedError, WrongUse
from codered_hq.shipping.host_file import Manifest, build_host_file
from scripts.licences import render_copyright
from scripts.man_pages import write_man_pages

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = ROOT / "release" / "debian"
HOME = "usr/lib/codered"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/codered",
    "zsh": "usr/share/zsh/vendor-completions/_codered",
    "fish": "usr/share/fish/vendor_completions.d/codered.fish",
}
_SECONDS = 300
_HELP = """usage: scripts/build-deb FILE.deb [codered.pyz]

Makes the Debian package of the host tool from that one file, else from what .venv holds, without a network: a few
minutes. SOURCE_DATE_EPOCH is the time of every file in it (default: that of the last commit); the same parts and time
give the same bytes.
"""


class Package(NamedTuple):
    """A package under way: its tree, the manifest of what is in it, and the time of its files (seconds)."""

    tree: Path
    manifest: Manifest
    when: int


def build_deb(path: Path, when: int, *, one_file: Path | None = None, squeezed: bool = True) -> None:
    """Write the package of `one_file` (None: of what is installed here), whole or not at all; `squeezed`: by xz, which
    takes most of the time. Raises WrongUse and OSError.
    """
    if shutil.which("dpkg-deb") is None:
        raise WrongUse("is missing", where="dpkg-deb", advice="install it (Debian: apt-get install dpkg)")
    _check_target(path)
    with tempfile.TemporaryDirectory(prefix="codered-deb-") as made:
        work = Path(made)
        tree = work / "tree"
        tree.mkdir()
        _say("making the one file that it is made of …" if one_file is None else f"taking {one_file.name}")
        source = one_file or Path(build_host_file(work).path)
        _say("laying out its files …")
        package = Package(tree, lay_out_program(source, tree), when)
        lay_out_documents(package)
        write_control(package)
        _settle(package)
        _say("packing …")
        _pack(tree, work / "made.deb", when, squeezed=squeezed)
        _take(work / "made.deb", path)


def _check_target(path: Path) -> None:
    """Before anything is made: that a file can be put there."""
    if path.is_dir() or path.is_symlink():
        raise WrongUse("is a folder or a link", where=str(path), advice="name a new file, or an earlier package")
    above = next(folder for folder in path.parents if os.path.lexists(folder))
    try:
        tempfile.TemporaryFile(dir=above).close()
    except OSError as error:
        what, advice = f"can't be written in: {error.strerror}", "choose a folder that you can write to"
        raise WrongUse(what, where=str(above), advice=advice) from None


def _say(line: str) -> None:
    sys.stderr.write(f"build-deb: {line}\n")


def lay_out_program(one_file: Path, tree: Path) -> Manifest:
    """Every file of the one file below /usr/lib/codered, as that lays itself out, and the start in /usr/bin."""
    home = tree / HOME
    with zipfile.ZipFile(one_file) as archive:
        raw = archive.read("manifest.json")
        manifest = msgspec.json.decode(raw, type=Manifest)
        version = ".".join(map(str, manifest.python))
        packages = home / "lib" / f"python{version}" / "site-packages"
        for name in manifest.files:
            _write(packages / name, archive.read(f"files/{name}"))
    _write(home / "manifest.json", raw)
    _write(home / "pyvenv.cfg", b"home = /usr/bin\ninclude-system-site-packages = false\n")
    (home / "bin").mkdir()
    (home / "bin" / "python").symlink_to(f"../../../bin/python{version}")
    _write(tree / "usr/bin/codered", (DEBIAN / "launcher").read_bytes(), 0o755)
    return manifest


def lay_out_documents(package: Package) -> None:
    """Man pages, completions, licences and changelogs."""
    tree = package.tree
    day = datetime.fromtimestamp(package.when, UTC)
    man = tree / "usr/share/man/man1"
    man.mkdir(parents=True)
    for page in write_man_pages(man, __version__, f"{day:%Y-%m-%d}", headquarters=False):
        _write(page.with_name(page.name + ".gz"), _compress(page.read_bytes()))
        page.unlink()
    for shell, place in _COMPLETIONS.items():
        _write(tree / place, make_script(shell).encode())
    told = tree / "usr/share/doc/codered"
    names = sorted({name.partition("/")[0] for name in package.manifest.files if ".dist-info/" in name})
    _write(told / "copyright", render_copyright(names).encode())
    _write(told / "changelog.gz", _compress((ROOT / "CHANGELOG.md").read_bytes()))
    entry = f"codered ({name_version()}) stable; urgency=medium\n\n  * Release {__version__}; see changelog.gz.\n\n"
    entry += f" -- CodeRed Detection and Removal <codered@localhost>  {day:%a, %d %b %Y %H:%M:%S} +0000\n"
    _write(told / "changelog.Debian.gz", _compress(entry.encode()))
    _write(tree / "usr/share/lintian/overrides/codered", (DEBIAN / "lintian-overrides").read_bytes())


def write_control(package: Package) -> None:
    """The package's own data: what it needs, how large it is, the digests that dpkg compares."""
    tree, manifest = package.tree, package.manifest
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    size = sum(1 + path.stat().st_size // 1024 for path in files)
    control = (DEBIAN / "control.in").read_text("utf-8").format(
        version=name_version(),
        architecture=_name_architecture(manifest.machine),
        size=size,
        python=".".join(map(str, manifest.python)),
        next_python=f"{manifest.python[0]}.{manifest.python[1] + 1}",
        glibc=".".join(map(str, manifest.glibc)),
    )  # fmt: skip
    sums = "".join(
        f"{md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(tree)}\n" for path in files
    )
    _write(tree / "DEBIAN/control", control.encode())
    _write(tree / "DEBIAN/md5sums", sums.encode())
    for script in ("prerm", "postrm"):
        _write(tree / "DEBIAN" / script, (DEBIAN / script).read_bytes(), 0o755)


def name_version() -> str:
    """Our version as Debian orders it: what comes before a release is smaller than it."""
    for mark in (".dev", "rc", "b", "a"):
        number, found, rest = __version__.partition(mark)
        if found and rest[:1].isdigit():
            return f"{number}~{mark.strip('.')}{rest}"
    return __version__


def _name_architecture(machine: str) -> str:
    if machine not in _ARCHITECTURES:
        raise WrongUse("no Debian package is made for this machine", where=machine, advice="use codered.pyz")
    return _ARCHITECTURES[machine]


def _settle(package: Package) -> None:
    """One time and known rights for everything, whatever the umask is here."""
    for path in sorted(package.tree.rglob("*"), reverse=True):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (package.when, package.when), follow_symlinks=False)
    package.tree.chmod(0o755)
    os.utime(package.tree, (package.when, package.when))


def _pack(tree: Path, into: Path, when: int, *, squeezed: bool) -> None:
    how = ["-Zxz", "-z6", "--threads-max=1"] if squeezed else ["-Znone"]  # xz cuts its input by the number of threads
    command = ["dpkg-deb", "--root-owner-group", *how, "--build", str(tree), str(into)]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": str(when)}
    done = subprocess.run(  # noqa: S603 - a program of the system, as a list
        command, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if done.returncode:
        story = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise WrongUse(
            f"dpkg-deb failed: {story}", where=str(into), advice="make room in the folder for temporary files"
        )


def _take(made: Path, path: Path) -> None:
    """Put it in its place in one step, also from another file system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    shutil.copyfile(made, new)
    new.replace(path)


def _write(path: Path, body: bytes, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    path.chmod(mode)


def _compress(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


def _read_time() -> int:
    """SOURCE_DATE_EPOCH, else the time of the last commit. Raises WrongUse."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        if given.isascii() and given.isdigit():
            return int(given)
        raise WrongUse("is no number of seconds", where="SOURCE_DATE_EPOCH", advice="give `git log -1 --format=%ct`")
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
    if done.returncode or not done.stdout.strip().isdigit():
        raise WrongUse("git can't tell the time of the last commit", where=str(ROOT), advice="set SOURCE_DATE_EPOCH")
    return int(done.stdout)


def main(words: list[str]) -> int:
    """`scripts/build-deb FILE.deb [codered.pyz]`: the package of that one file, else of what is installed here."""
    if words in (["--help"], ["-h"]):
        sys.stdout.write(_HELP)
        return 0
    try:
        if len(words) not in (1, 2) or not words[0].endswith(".deb"):
            raise WrongUse("give one file that ends in .deb", advice="scripts/build-deb dist/codered.deb")
        build_deb(Path(words[0]).absolute(), _read_time(), one_file=Path(words[1]) if words[1:] else None)
        _say(f"made {words[0]}")
    except CodeRedError as error:
        _say(str(error))
        return int(error.exit_code)
    except OSError as error:
        _say(f"{words[0]}: {error.strerror or error} — choose a folder with room")
        return int(WrongUse.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
