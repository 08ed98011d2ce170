import io
import stat
import subprocess
from pathlib import Path

import pytest
import zstandard

from codered.rescue.initramfs import Entry, write_initramfs


def test_what_cpio_reads_is_what_went_in(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"x" * 70_001)
    program.chmod(0o755)
    out = io.BytesIO()
    entries = [
        Entry("bin", link="usr/bin"), Entry("usr/bin/program", str(program)), Entry("etc/name", data=b"odd"),
        Entry("init", data=b"#!", mode=0o755), Entry("empty"), Entry("etc/name", data=b"a second one is passed over"),
    ]  # fmt: skip
    size = write_initramfs(entries, out)
    raw = zstandard.ZstdDecompressor().decompressobj().decompress(out.getvalue())
    assert len(raw) == size
    assert size % 4 == 0
    into = tmp_path / "into"
    into.mkdir()
    subprocess.run(["cpio", "-id", "--quiet"], input=raw, cwd=into, check=True)
    assert (into / "usr/bin/program").read_bytes() == program.read_bytes()
    assert stat.S_IMODE((into / "usr/bin/program").stat().st_mode) == 0o755
    assert (into / "bin").readlink() == Path("usr/bin")
    assert ((into / "etc/name").read_bytes(), (into / "empty").is_dir()) == (b"odd", True)
    assert stat.S_IMODE((into / "init").stat().st_mode) == 0o755


def test_a_file_that_is_not_there_ends_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_initramfs([Entry("a", str(tmp_path / "gone"))], io.BytesIO())
