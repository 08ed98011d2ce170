"""Gives every input that is kept in corpus/ to its target once: `replay.py`. Prints a line for each target."""

import importlib
import lzma
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def main() -> None:
    """Fails with the input's name and the target's own traceback."""
    sys.path[:0] = [str(ROOT / "src"), str(ROOT), str(HERE)]
    for path in sorted((HERE / "corpus").glob("*.tar.xz")):
        name = path.name.removesuffix(".tar.xz")
        target = importlib.import_module(f"fuzz_{name}")
        tried = 0
        with lzma.open(path) as raw, tarfile.open(fileobj=raw) as kept:
            for member in kept:
                if (file := kept.extractfile(member)) is not None:
                    print(f"{name}: {member.name}", file=sys.stderr)
                    target.try_one(file.read())
                    tried += 1
        print(f"{name} {tried}")


if __name__ == "__main__":
    main()
