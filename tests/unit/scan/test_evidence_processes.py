import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from codered.collect.memory_pages import PAGE
from codered.collect.process_identity import read_stat
from codered.evidence.container import EvidenceContainer
from codered.evidence.reading import read_item
from codered.evidence.standalone_verifier import verify_container
from codered.model.evidence import EvidenceManifest
from codered.model.process import ProcessId
from codered.scan import evidence_processes
from codered.scan.evidence_processes import (
    collect_host,
    collect_memory,
    collect_process,
    collect_running,
    measure_memory,
    read_boot_id,
)
from tests.fixtures.evidence import open_container, read_manifest
from tests.fixtures.memory_children import MARK, child
from tests.fixtures.running import running

PLACE = "buffer = mmap.mmap(-1, 4 * 4096)\nplace(buffer, 5000)\nwhere = address(buffer)"


def finish(container: EvidenceContainer) -> tuple[Path, EvidenceManifest]:
    folder = Path(container.finish().folder)
    assert verify_container(str(folder)).problems == []
    return folder, read_manifest(folder)


def test_the_clocks_and_the_boot_are_told(tmp_path: Path) -> None:
    container = open_container(tmp_path)
    collect_host(container)
    folder, manifest = finish(container)
    told = json.loads(read_item(folder, manifest.items[0]))
    assert told["boot_id"] == read_boot_id() != ""
    assert told["boot_time"].startswith("btime ")
    assert "offset from other clocks was not measured" in told["clock"]


def test_what_runs_and_its_sockets_are_kept(tmp_path: Path) -> None:
    container = open_container(tmp_path, budget=64 << 20)
    with running("sleep", "600") as pid:
        collect_running(container)
    folder, manifest = finish(container)
    first = manifest.items[0]
    assert first.origin.kind == "processes"
    assert any(one["id"]["pid"] == pid for one in json.loads(read_item(folder, first)) if "id" in one)
    assert "/proc/net/tcp" in {item.origin.source for item in manifest.items if item.origin.kind == "sockets"}


def test_a_process_is_kept_with_its_program_even_without_a_file(tmp_path: Path) -> None:
    program = Path(shutil.copy("/bin/sleep", tmp_path / "odd\nname"))
    whole = program.read_bytes()
    with running(program, "600", env={"TOKEN": "inert-secret", "PATH": "/bin"}) as pid:
        program.unlink()
        who = ProcessId(pid, read_stat(f"/proc/{pid}").start)
        plain, secret = open_container(tmp_path, 64 << 20), open_container(tmp_path, 64 << 20)
        collect_process(plain, who, include_secrets=False)
        collect_process(secret, who, include_secrets=True)
    folder, manifest = finish(plain)
    kept = {item.origin.source: item for item in manifest.items}
    assert kept[f"/proc/{pid}/exe"].sha256 == hashlib.sha256(whole).hexdigest()
    assert b"odd\\012name" in read_item(folder, kept[f"/proc/{pid}/maps"])
    names = read_item(folder, kept[f"/proc/{pid}/environ, names only"])
    assert b"TOKEN" in names
    assert b"inert-secret" not in names
    links = json.loads(read_item(folder, kept[f"/proc/{pid}/descriptors, working folder and root"]))
    assert links["exe"].endswith("odd\nname (deleted)")
    assert all((item.origin.pid, item.origin.start) == (pid, who.start) for item in manifest.items)
    folder, manifest = finish(secret)
    kept = {item.origin.source: item for item in manifest.items}
    assert b"TOKEN=inert-secret" in read_item(folder, kept[f"/proc/{pid}/environ"])


def test_a_process_that_is_gone_or_another_one_is_left_out(tmp_path: Path) -> None:
    container = open_container(tmp_path)
    own = os.getpid()
    collect_process(container, ProcessId(own, 1), include_secrets=False)
    collect_memory(container, ProcessId(own, 1), frozenset())
    with running("sleep", "600") as pid:
        who = ProcessId(pid, read_stat(f"/proc/{pid}").start)
    collect_process(container, who, include_secrets=False)
    collect_memory(container, who, frozenset((0x1000,)))
    assert measure_memory(who, frozenset()) == 0
    _, manifest = finish(container)
    assert manifest.items == ()
    assert [left.because for left in manifest.left_out] == [
        "it had ended: another one has its number", "it had ended", "it had ended", "it had ended",
    ]  # fmt: skip


def test_the_region_where_something_was_found_is_kept_with_its_addresses(tmp_path: Path) -> None:
    container = open_container(tmp_path, budget=64 << 20)
    with child(PLACE) as (who, where):
        assert measure_memory(who, frozenset((where,))) > 0
        collect_memory(container, who, frozenset((where + 5000, where + 5001, 0x10)))
    folder, manifest = finish(container)
    memory, runs = manifest.items
    assert (memory.origin.kind, runs.origin.kind) == ("memory", "memory-runs")
    data = read_item(folder, memory)
    at = data.index(MARK)
    offset = 0
    for start, length in json.loads(read_item(folder, runs)):
        if offset <= at < offset + length:
            assert int(start, 16) + at - offset == where + 5000
        offset += length
    assert offset == memory.size
    assert [left.because for left in manifest.left_out] == ["there is no such region now"]


def test_without_an_address_the_telling_pages_are_kept(tmp_path: Path) -> None:
    container = open_container(tmp_path, budget=256 << 20)
    with child(PLACE) as (who, _):
        collect_memory(container, who, frozenset())
    folder, manifest = finish(container)
    assert MARK in read_item(folder, manifest.items[0])


def test_memory_is_cut_where_it_is_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_processes, "MOST_MEMORY", PAGE)
    container = open_container(tmp_path, budget=64 << 20)
    with child(PLACE) as (who, _):
        collect_memory(container, who, frozenset())
    _, manifest = finish(container)
    assert manifest.items[0].size == PAGE
    assert manifest.items[0].full_size > PAGE
