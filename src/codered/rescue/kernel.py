"""The kernel of a rescue medium: a Debian package of one, or what is installed here; and its modules, in order."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from codered.model.errors import Refused, WrongUse
from codered.rescue.initramfs import Entry
from codered.rescue.programs import find_program, run_program

_VERSION = re.compile(r"^vmlinuz-([0-9][\w.+~-]{0,80})\Z", re.ASCII)
_ADVICE = "apt-get install linux-image-amd64, or --kernel FILE.deb with such a package"


class Kernel(NamedTuple):
    """A kernel: its image, its version, and the folder below which `lib/modules/VERSION` lies."""

    image: Path
    version: str
    root: Path


def find_kernel(named: str | None, work: Path) -> Kernel:
    """The kernel of a .deb or folder that was named, else the newest one installed here. A package is unpacked below
    `work`. Raises WrongUse, Refused.
    """
    if named is None:
        return _find_below(Path("/"), "this machine", _ADVICE)
    path = Path(named)
    if path.is_dir():
        return _find_below(path, named, "name a folder that has boot/vmlinuz-VERSION and lib/modules/VERSION")
    if not path.is_file():
        raise WrongUse("no such file", where=named, advice="--kernel takes a Debian package of a kernel, or a folder")
    root = work / "kernel"
    root.mkdir(parents=True)
    if run_program("dpkg-deb", "-x", str(path), str(root)).returncode:
        raise WrongUse("is no Debian package", where=named, advice=_ADVICE)
    return _find_below(root, named, _ADVICE)


def _find_below(root: Path, shown: str, advice: str) -> Kernel:
    boot = root / "boot"
    names = sorted(os.listdir(boot)) if boot.is_dir() else []
    found = [(match[1], boot / name) for name in names if (match := _VERSION.match(name))]
    whole = [(version, image) for version, image in found if (root / "lib/modules" / version).is_dir()]
    if not whole:
        raise Refused("there is no kernel with its modules", where=shown, advice=advice)
    version, image = max(whole, key=lambda item: _order(item[0]))
    return Kernel(image, version, root)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d{1,9}", version)[:8])


def list_modules(kernel: Kernel, wanted: tuple[str, ...]) -> Iterator[Entry]:
    """The wanted modules that this kernel has, with what each needs, and the tables modprobe reads. Raises Refused."""
    folder = kernel.root / "lib/modules" / kernel.version
    needs = _read_needs(kernel, folder)
    by_name = {_name(path): path for path in needs}
    taken: dict[str, None] = {}
    for name in wanted:
        path = by_name.get(name.replace("-", "_"))
        if path:
            taken.update(dict.fromkeys((path, *needs[path])))
    base = f"usr/lib/modules/{kernel.version}"
    for path in taken:
        yield Entry(f"{base}/{path}", str(folder / path))
    lines = [f"{path}: {' '.join(needs[path])}" for path in taken]
    yield Entry(f"{base}/modules.dep", data="\n".join([*lines, ""]).encode())
    for name in ("modules.builtin", "modules.order"):
        if (folder / name).is_file():
            yield Entry(f"{base}/{name}", str(folder / name))


def _name(path: str) -> str:
    return os.path.basename(path).partition(".ko")[0].replace("-", "_")


def _read_needs(kernel: Kernel, folder: Path) -> dict[str, tuple[str, ...]]:
    """What each module needs, by its path below the folder, from modules.dep; depmod makes that where it is not."""
    table = folder / "modules.dep"
    if not table.is_file():
        words = ["depmod"] if find_program("depmod") else ["busybox", "depmod"]
        run_program(*words, "-b", str(kernel.root), kernel.version)
    if not table.is_file():
        raise Refused("its modules are in no order", where=str(folder), advice="apt-get install kmod, which has depmod")
    found = {}
    for line in table.read_text("utf-8", "replace").splitlines():
        path, colon, rest = line.partition(":")
        if colon and not os.path.isabs(path) and ".." not in path:
            found[path] = tuple(rest.split())
    return found
