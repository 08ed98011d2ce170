"""Makes everything that is published, from a clean checkout, into one folder; see docs/reference/release.md."""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.model.errors import CodeRedError, WrongUse
from codered.packs.updating.keys import read_passphrase
from codered.signing.keys import load_private_key, make_key, name_key, public_bytes
from codered.signing.releases import SUMS
from scripts.releasing.checkout import copy_tree, open_checkout
from scripts.releasing.comparing import compare_two_builds
from scripts.releasing.listing import write_lists
from scripts.releasing.making import PARTS, Workshop

ROOT = Path(__file__).resolve().parent.parent
ONE_TIME_KEY = "one-time-key.pub"
"""In the folder of a release that is none: nobody knows whose key that is."""

BESIDE = ".codered-release-"


def read_wishes(words: list[str], root: Path) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="build-release", description=__doc__, allow_abbrev=False)
    parser.add_argument("--key", type=Path, metavar="FILE", help="the publisher's Ed25519 key (PEM)")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="its first line opens the key")
    parser.add_argument("--into", metavar="FOLDER", default=str(root / "dist" / "release"),
                        help="where to (%(default)s); an earlier release there is replaced")  # fmt: skip
    parser.add_argument("--only", action="append", choices=sorted(PARTS), metavar="NAME", default=[],
                        help=f"one part alone, may be repeated: {', '.join(PARTS)}")  # fmt: skip
    parser.add_argument("--dirty", action="store_true", help="with uncommitted changes too; the version says so")
    parser.add_argument("--check", action="store_true", help="build twice, under different conditions, and compare")
    return parser.parse_args(words)


def main(words: list[str], root: Path = ROOT) -> int:
    """Build, and say what was made; every known error becomes one line and its exit code."""
    wishes = read_wishes(words, root)
    try:
        if wishes.check:
            return compare_two_builds(root, [word for word in words if word != "--check"], say)
        build_release(wishes, root)
    except CodeRedError as error:
        say(str(error))
        return int(error.exit_code)
    except OSError as error:
        advice = "make room there, or name a folder that you can write to"
        where = str(error.filename or wishes.into)
        if BESIDE in where:  # a folder of ours, whose name the user never gave
            where = str(wishes.into)
        say(str(WrongUse(f"can't be read or written: {error.strerror}", where=where, advice=advice)))
        return int(WrongUse.exit_code)
    return 0


def build_release(wishes: argparse.Namespace, root: Path) -> None:
    """Everything is made beside the folder, and takes its place when it is whole. Raises WrongUse and OSError."""
    parts = choose_parts(wishes.only)
    if not wishes.into:
        raise WrongUse("is empty", where="--into", advice="name a folder")
    into = Path(os.path.abspath(wishes.into))
    if not may_replace(into):
        raise WrongUse("holds something else than a release", where=str(into), advice="name a new folder with --into")
    key = load_private_key(wishes.key, read_passphrase(wishes.passphrase_file)) if wishes.key else None
    checkout = open_checkout(root, dirty=wishes.dirty)
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent, prefix=BESIDE) as name:
        work = Path(name)
        (work / "release").mkdir()
        (work / "leavings").mkdir()
        shop = Workshop(checkout, copy_tree(checkout, work / "tree"), work / "leavings", work / "release")
        for part in parts:
            say(f"making {part} …")
            PARTS[part].make(shop)
        write_lists(shop, key or make_key(work / "one-time.key"))
        if not key:
            shutil.copyfile(work / "one-time.key.pub", shop.into / ONE_TIME_KEY)
        shop.into.chmod(0o755)
        if into.exists():
            into.rename(work / "before")
        shop.into.rename(into)
    tell_made(into, key)


def may_replace(into: Path) -> bool:
    """Whether the folder may be put in this place: nothing is there, or an empty folder, or an earlier release."""
    if into.is_symlink() or not into.exists():
        return not into.is_symlink()
    return into.is_dir() and ((into / SUMS).is_file() or not any(into.iterdir()))


def choose_parts(only: list[str]) -> list[str]:
    """The parts to make, in their order; says which are left out because a tool is missing. Raises WrongUse if one
    was asked for by name.
    """
    chosen = []
    for name, part in PARTS.items():
        if only and name not in only:
            continue
        if part.tool and shutil.which(part.tool) is None:
            if only or part.by_default:
                raise WrongUse(f"{part.tool} is missing", where=name, advice=part.advice)
            say(f"{name} is LEFT OUT: {part.tool} is missing — {part.advice}")
            continue
        chosen.append(name)
    return chosen


def tell_made(into: Path, key: Ed25519PrivateKey | None) -> None:
    """The files, and whose signature they bear."""
    for path in sorted(into.iterdir()):
        sys.stdout.write(f"{path}\n")
    if key:
        say(f"signed by {name_key(public_bytes(key))}; VERIFY.md says how a stranger verifies it")
    else:
        say(f"NOT FOR PUBLISHING: signed by a key of this run alone ({ONE_TIME_KEY}) — give yours with --key FILE")


def say(line: str) -> None:
    """Talk."""
    sys.stderr.write(f"build-release: {line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
