"""The lists of a release: release.json, codered-files.sha256, SHA256SUMS, and the signature over the last."""

import hashlib
import platform
import shutil
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from codered.model.release import RELEASE_FORMAT, Release, ReleasedFile
from codered.signing.releases import INSTALLED, MANIFEST, SIGNATURE, SUMS, render_sums, sign_sums
from scripts.releasing.checkout import Checkout
from scripts.releasing.making import Workshop, describe_file

_PACKS = "codered/shipped_packs"
_FOLDERS = {"src/codered": "codered", "src/codered_hq": "codered_hq", "packs": _PACKS}


def write_lists(shop: Workshop, key: Ed25519PrivateKey) -> None:
    """The lists of what lies in the folder, and their signature."""
    shutil.copyfile(shop.tree / "release" / "VERIFY.md", shop.into / "VERIFY.md")
    (shop.into / INSTALLED).write_bytes(_list_installed(shop.tree))
    manifest = msgspec.json.format(msgspec.json.encode(_describe(shop.checkout, shop.into)), indent=1)
    (shop.into / MANIFEST).write_bytes(manifest + b"\n")
    sums = render_sums(shop.checkout.version, {path.name: digest_file(path) for path in shop.into.iterdir()})
    (shop.into / SUMS).write_bytes(sums)
    (shop.into / SIGNATURE).write_bytes(sign_sums(key, sums))
    for path in shop.into.iterdir():
        path.chmod(0o755 if path.suffix == ".pyz" else 0o644)


def digest_file(path: Path) -> str:
    """Its SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _describe(checkout: Checkout, folder: Path) -> Release:
    files = []
    for path in sorted(folder.iterdir()):
        what, needs = describe_file(path)
        size = path.stat().st_size
        files.append(ReleasedFile(name=path.name, sha256=digest_file(path), size=size, what=what, needs=needs))
    time = datetime.fromtimestamp(checkout.epoch, UTC)
    return Release(
        format=RELEASE_FORMAT,
        version=checkout.version,
        commit=checkout.commit,
        time=time,
        python=platform.python_version(),
        files=tuple(files),
    )


def _list_installed(tree: Path) -> bytes:
    found = {
        f"{name}/{path.relative_to(tree / folder).as_posix()}": path
        for folder, name in _FOLDERS.items()
        for path in (tree / folder).rglob("*")
        if path.is_file()
    }
    return "".join(f"{digest_file(path)}  {name}\n" for name, path in sorted(found.items())).encode()
