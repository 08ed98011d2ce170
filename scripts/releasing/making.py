"""What a release consists of, and what makes each part of it, without a network."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec

from codered.model.errors import WrongUse
from codered_hq.shipping.host_file import Manifest
from scripts.releasing.checkout import Checkout
from scripts.releasing.materials import write_materials

EXE = "codered.exe"
PYZ = "codered.pyz"
_SECONDS = 900
_TOLD = 20  # lines of what a tool said before it failed


class Workshop(NamedTuple):
    """The checkout, its copy that is built from, a folder for leavings, and the folder that becomes the release."""

    checkout: Checkout
    tree: Path
    work: Path
    into: Path


class Part(NamedTuple):
    """A part that --only names: `make` puts its files into the release; `tool` must be there for it ("" = none)."""

    make: Callable[[Workshop], None]
    tool: str = ""
    advice: str = ""
    by_default: bool = True
    """False: a machine without the tool makes the release without it, unless it was asked for by name."""


def make_wheel(shop: Workshop) -> None:
    """PROJECT-VERSION-py3-none-any.whl"""
    _build(shop, "--wheel")


def make_sdist(shop: Workshop) -> None:
    """PROJECT-VERSION.tar.gz: all that git knows, so that a wheel made of it is the same."""
    _build(shop, "--sdist")


def make_pyz(shop: Workshop) -> None:
    """codered.pyz: the host tool in one file, the same bytes that headquarters brings to hosts."""
    shutil.move(_build_one_file(shop), shop.into / PYZ)


def make_sboms(shop: Workshop) -> None:
    """A CycloneDX list for the host tool and one for headquarters, from the pins with their hashes. A test validates
    them by their schema.
    """
    for which, word in (("host", "codered"), ("hq", "codered-hq")):
        project = write_materials(shop.tree, shop.checkout.version, which, shop.work / f"{which}.toml")
        pins = str(shop.tree / "requirements" / f"{which}.txt")
        command = [sys.executable, "-P", "-m", "cyclonedx_py", "requirements", pins, "--pyproject", str(project)]
        more = [
            "--spec-version",
            "1.6",
            "--output-reproducible",
            "--no-validate",
            "-o",
            str(shop.into / f"{word}.cdx.json"),
        ]
        run_tool(shop, command + more)


def make_deb(shop: Workshop) -> None:
    """The Debian package of the release's own one file, by the copy's scripts: only what git knows gets in."""
    _demand_unchanged(shop, "the Debian package")
    one_file = made if (made := shop.into / PYZ).exists() else _build_one_file(shop)
    path = shop.into / f"codered_{shop.checkout.version}_amd64.deb"
    command = [sys.executable, "-P", "-m", "scripts.releasing.debian_package", str(path), str(one_file)]
    run_tool(shop, command, PYTHONPATH=f"{shop.tree}{os.pathsep}{shop.tree / 'src'}")


def make_exe(shop: Workshop) -> None:
    """codered.exe, by scripts/build-windows-exe in the checkout itself, which keeps it for the next time."""
    root = _demand_unchanged(shop, EXE)
    run_tool(shop, [str(root / "scripts" / "build-windows-exe")])
    shutil.copyfile(root / "dist" / EXE, shop.into / EXE)


PARTS = {
    "wheel": Part(make_wheel),
    "sdist": Part(make_sdist),
    "pyz": Part(make_pyz),
    "sbom": Part(make_sboms),
    "deb": Part(make_deb, "dpkg-deb", "install it (Debian: apt-get install dpkg)", by_default=False),
    "exe": Part(make_exe, "wine", "run scripts/setup-debian, which installs Wine", by_default=False),
}


def describe_file(path: Path) -> tuple[str, str]:
    """What a file of a release is for, and what it needs."""
    name = path.name
    python = "Python 3.11 or newer, and pip"
    if name.endswith(".whl"):
        return "the package: host tool and headquarters (extras say what more it needs), packs inside", python
    if name.endswith(".tar.gz"):
        return "the source, with tests and documentation; builds the same wheel", python
    if name == PYZ:
        return "the host tool in one file, as headquarters brings it to hosts", _read_needs(path)
    if name.endswith(".deb"):
        return "the host tool as a Debian package", "Debian 12 on amd64"
    if name == EXE:
        return "the host tool as one program for Windows", "Windows on x86-64"
    return _DATA[name], ""


_DATA = {
    "codered.cdx.json": "CycloneDX 1.6: what the host tool is made of, with its extras",
    "codered-hq.cdx.json": "CycloneDX 1.6: what headquarters is made of, with the host tool",
    "codered-files.sha256": "SHA-256 of every file of our packages as installed: for codered self-check --release",
    "VERIFY.md": "how to verify this release",
}


def run_tool(shop: Workshop, command: list[str], **more: str) -> None:
    """Run it in the tree with the time of the commit. Raises WrongUse naming it, after its last words."""
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(shop.checkout.epoch), "PYTHONDONTWRITEBYTECODE": "1"} | more
    if "PYTHONPATH" not in more:
        environment.pop("PYTHONPATH", None)
    name = Path(next((word for word in command[1:] if not word.startswith("-")), command[0])).name
    try:
        done = subprocess.run(  # noqa: S603 - our own words, as a list
            command, cwd=shop.tree, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=_SECONDS, check=False,
        )  # fmt: skip
        code, said = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        code, said = -1, late.stdout or b""
    except OSError as error:
        what = f"can't be started: {error.strerror}"
        raise WrongUse(what, where=command[0], advice="give a whole checkout") from None
    if code:
        lines = said.decode(errors="replace").rstrip().splitlines()[-_TOLD:]
        sys.stderr.write("".join(f"{ascii(line)[1:-1]}\n" for line in lines))
        raise WrongUse("failed; the end of what it said is above", where=name, advice="mend that, and repeat")


def _build(shop: Workshop, what: str) -> None:
    command = [sys.executable, "-P", "-m", "build", "--no-isolation", what, "--outdir", str(shop.into), str(shop.tree)]
    run_tool(shop, command)


def _build_one_file(shop: Workshop) -> Path:
    script = shop.tree / "scripts" / "releasing" / "one_file.py"
    run_tool(shop, [sys.executable, "-P", str(script), str(shop.work)], PYTHONPATH=str(shop.tree / "src"))
    return shop.work / "codered-host.pyz"


def _demand_unchanged(shop: Workshop, what: str) -> Path:
    if shop.checkout.changed:
        advice = "commit the changes, or leave it out: --only names what to make"
        raise WrongUse(f"{what} can't say that there are uncommitted changes", where="--dirty", advice=advice)
    return shop.checkout.root


def _read_needs(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        inside = msgspec.json.decode(archive.read("manifest.json"), type=Manifest)
    python, glibc = inside.python, inside.glibc
    return f"CPython {python[0]}.{python[1]} on {inside.machine} Linux with glibc {glibc[0]}.{glibc[1]} or newer"
