"""The worst a planted file can do: 16 MB of one pattern each, scanned by the packs' rules as `codered scan` does it.

    .venv/bin/python benchmarks/hostile.py

Prints MB/s of one core for each input (the bar is 100), the best of three, beside a plain read of the same bytes.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from codered.collect.contents import is_text, keep_freed_memory, read_pieces
from codered.detect.signatures import BINARY, TEXT, Signatures
from codered.engine import GaveUp
from codered.packs.compiling import compile_packs
from codered.packs.loading import find_packs_folder, load_packs

SIZE = 16 << 20
PATTERNS = {
    "zeros": b"\0",
    "text, one letter": b"N",
    "random": b"",
    "eval(": b"eval( ",
    "wget lines": b"wget aaaaaaaa\n",
    "curl, no newline": b"curl ",
    "str_replace": b"str_replace('aa'.",
    "preg_replace": b"preg_replace ",
    "script tags": b'<script language="JavaScript">',
    "window.open": b'window.open("',
    "html heads": b"<html><body>",
    "readme.eml": b"readme.eml ",
    "anchors as text": b"CodeRedII HOST:www.worm.com Hacked By Chinese! ",
    "anchors as binary": b"CodeRedII\0HOST:www.worm.com\0Hacked By Chinese!\0",
    "half anchors": b"CodeRedI\0HOST:www.worm.co\0Hacked By Chinese",
    "default.ida": b"GET /default.ida?NNNNNNNNNNNNNNNNNNNN ",
}


def main() -> None:
    keep_freed_memory()
    signatures = Signatures(compile_packs(load_packs(find_packs_folder()), None))
    print(f"{'input':22}{'read MB/s':>11}{'scan MB/s':>11}")
    with tempfile.TemporaryDirectory() as name:
        for what, pattern in PATTERNS.items():
            path = Path(name) / "hostile"
            path.write_bytes((pattern * (SIZE // len(pattern) + 1))[:SIZE] if pattern else os.urandom(SIZE))
            rates = [min(measure(path, signatures, scan) for _ in range(3)) for scan in (False, True)]
            print(f"{what:22}" + "".join(f"{SIZE / 1e6 / seconds:11,.0f}" for seconds in rates))


def measure(path: Path, signatures: Signatures, scan: bool) -> float:
    descriptor = os.open(path, os.O_RDONLY)
    begin = time.perf_counter()
    for piece in read_pieces(descriptor, SIZE):
        text = is_text(piece.data)
        try:
            if scan:
                signatures.inspect(piece, TEXT if text else BINARY)
        except GaveUp as reason:
            print(f"  gave up: {reason}")
    seconds = time.perf_counter() - begin
    os.close(descriptor)
    return seconds


if __name__ == "__main__":
    main()
