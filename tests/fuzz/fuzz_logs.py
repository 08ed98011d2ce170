"""Fuzzing the readers of web logs: whatever the bytes, they end and raise nothing; what can't be read is told.

    .venv/bin/python tests/fuzz/fuzz_logs.py -max_total_time=60 [FOLDER OF SEEDS]
    .venv/bin/python tests/fuzz/fuzz_logs.py --make-seeds FOLDER

An input is a log file as it is, packed or not. Not collected by pytest.
"""

import gzip
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import atheris  # noqa: E402

with atheris.instrument_imports(
    include=["codered.collect.log_formats", "codered.collect.log_ncsa", "codered.collect.log_w3c",
             "codered.collect.log_iis", "codered.collect.log_opening", "codered.collect.log_times"],
    enable_loader_override=False,
):  # fmt: skip
    from codered.collect.log_formats import detect_format
    from codered.collect.log_opening import open_log

from codered.model.observation import LogChunk  # noqa: E402


def try_one(data: bytes) -> None:
    """What the fuzzer calls."""
    detect_format(data)
    descriptor = os.memfd_create("log")
    try:
        os.write(descriptor, data)
        source = open_log(descriptor, "access.log")
        if source.format is not None:
            source.first_time()
            for chunk in source.chunks():
                _read_lines(chunk)
        assert len(source.trouble) < 1000
    finally:
        os.close(descriptor)


def _read_lines(chunk: LogChunk) -> None:
    start = 0
    while start < len(chunk.data):
        end = chunk.data.find(b"\n", start) % (len(chunk.data) + 1)
        chunk.read(start, end)
        start = end + 1


def make_seeds(folder: Path) -> None:
    """The logs of the tests, and one of them packed."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (ROOT / "tests" / "fixtures" / "logs").iterdir():
        if path.is_file() and path.stat().st_size < 8192:
            (folder / path.name).write_bytes(path.read_bytes())
    line = b'203.0.113.7 - - [05/Aug/2001:01:02:03 +0000] "GET /default.ida?XXXX HTTP/1.0" 400 215\n'
    (folder / "packed.gz").write_bytes(gzip.compress(line * 3))
    (folder / "line.log").write_bytes(line)


def main() -> None:
    """Make seeds, or fuzz as libFuzzer's options say."""
    if sys.argv[1:2] == ["--make-seeds"]:
        make_seeds(Path(sys.argv[2]))
        return
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
