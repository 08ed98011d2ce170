import os
import socket
from pathlib import Path

import msgspec
import pytest

from codered.model.plan import FileState
from codered.remediate import process_evidence
from codered.remediate.process_evidence import ProcessPapers, ProcessRecord, keep_process, measure_process, read_papers
from codered.remediate.vault import Vault
from tests.fixtures.children import SHELL, Children, make_stop


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    (tmp_path / "vault").mkdir()
    return Vault(os.fsencode(tmp_path / "vault"), "20261122-120000-abc123")


def read_record(folder: Path, backup: str) -> ProcessRecord:
    return msgspec.json.decode((folder / f"{backup}.json").read_bytes(), type=ProcessRecord)


def read_kept(vault: Vault, state: FileState, into: Path) -> bytes:
    fd = os.open(into, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        vault.copy_out(state, fd)
    finally:
        os.close(fd)
    return into.read_bytes()


def test_all_of_it_is_kept_inert(children: Children, vault: Vault, tmp_path: Path) -> None:
    program = children.make_program("worm")
    program.write_bytes(program.read_bytes() + b"INERT MARKER of the program")
    process = children.start(program, "60", "0INERT-MARKER" * 0 or "0.25")
    program.unlink()
    record = read_record(tmp_path / "vault", keep_process(make_stop(process, program), vault))
    assert record.exe is not None
    assert record.exe.sha256 == process.sha256
    assert read_kept(vault, record.exe, tmp_path / "out").endswith(b"INERT MARKER of the program")
    papers = msgspec.json.decode(read_kept(vault, record.papers, tmp_path / "out"), type=ProcessPapers)
    assert papers.files["cmdline"] == os.fsencode(program) + b"\x0060\x000.25\0"
    assert {"comm", "environ", "maps", "status", "cgroup"} <= set(papers.files)
    assert papers.links["exe"] == os.fsencode(program) + b" (deleted)"
    assert (record.missing, record.action) == ((), "a01")
    for path in (tmp_path / "vault").iterdir():
        assert b"INERT MARKER" not in path.read_bytes()


def test_no_word_of_the_process_stands_in_the_open(children: Children, vault: Vault, tmp_path: Path) -> None:
    process = children.start(SHELL, "-c", "sleep 60; :", "INERT MARKER of the arguments")
    backup = keep_process(make_stop(process, SHELL), vault)
    assert read_record(tmp_path / "vault", backup).process.command == ""
    for path in (tmp_path / "vault").iterdir():
        assert b"INERT MARKER" not in path.read_bytes()


def test_open_files_and_sockets() -> None:
    with socket.socket() as listening, Path("/dev/null").open("rb") as file:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        papers = read_papers(os.getpid())
        port = f":{listening.getsockname()[1]:04X}".encode()
        assert any(line.startswith(b"tcp ") and port in line for line in papers.sockets)
        assert (str(file.fileno()), b"/dev/null") in papers.descriptors


def test_what_can_not_be_had_is_named(children: Children, vault: Vault, tmp_path: Path) -> None:
    program = children.make_program("worm")
    process = children.start(program, "60")
    children.end(process)
    record = read_record(tmp_path / "vault", keep_process(make_stop(process, program), vault))
    assert record.exe is None
    assert any(line.startswith("maps: ") for line in record.missing)
    assert record.missing[-1].startswith("exe: ")


def test_sizes_are_capped(children: Children, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = children.make_program("worm")
    process = children.start(program, "60")
    assert measure_process(process) > program.stat().st_size
    monkeypatch.setattr(process_evidence, "_MOST_EXE", 100)
    monkeypatch.setattr(process_evidence, "_MOST_PART", 50)
    monkeypatch.setattr(process_evidence, "_MOST_FILES", 1)
    record = read_record(tmp_path / "vault", keep_process(make_stop(process, program), vault))
    assert record.exe is None
    assert any(line.startswith("exe: larger than") for line in record.missing)
    assert any(line.startswith("fd: ") for line in record.missing)
    assert len(read_papers(process.pid).files["maps"]) == 50
    assert measure_process(process) < 1 << 17
