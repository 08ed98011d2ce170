"""A Windows disk image with all that Code Red II and ProxyShell intruders leave, in five containers: found with its
place, removed in an overlay, seen gone by independent parsers, clean, brought back; the evidence is never touched.
"""

import hashlib
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from dissect.ntfs import NTFS
from dissect.regf import RegistryHive

from tests.fixtures.command import Desk
from tests.fixtures.ntfs_volumes import START, convert_disk, make_disk, make_ntfs, mounted_ntfs, run
from tests.fixtures.windows_infections import APPLICATION_HOST, SOFTWARE, SYSTEM, Planted, lay_out_infected_server
from tests.fixtures.windows_roots import CURRENT, VROOTS

CONTAINERS = ("raw", "vmdk", "vhdx", "qcow2", "E01")
SURE = ("confirmed", "likely")
KEPT = ("acl", "attrib_be", "crtime_be", "dos_name", "reparse_data")


class Evidence:
    """The disk in every container, and what was planted on it."""

    def __init__(self, folder: Path) -> None:
        volume = make_ntfs(folder / "volume", 64 << 20)
        with mounted_ntfs(volume, folder / "m") as top:
            self.planted: Planted = lay_out_infected_server(top)
        self.raw = make_disk(volume, folder / "disk.raw")
        self.images = {name: self.raw if name == "raw" else convert_disk(self.raw, name) for name in CONTAINERS}

    def digest(self, name: str) -> str:
        return hashlib.sha256(self.images[name].read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return Evidence(tmp_path_factory.mktemp("evidence"))


def sure(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in report.get("findings", ()) if one["confidence"] in SURE and one["layer"] != "patches"]


def scan(desk: Desk, *words: str | Path) -> tuple[int, dict[str, Any]]:
    answer = desk.run("scan", "--json", *words)
    return answer.code, json.loads(answer.out)


def names_of(report: dict[str, Any]) -> tuple[set[str], set[str]]:
    """The files and the settings that were found."""
    files = {one["subject"]["shown"].lower() for one in sure(report) if one["subject"]["kind"] == "file"}
    settings = {one["subject"]["key"] for one in sure(report) if one["subject"]["kind"] == "setting"}
    return files, settings


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_trace_is_named_with_its_place(desk: Desk, evidence: Evidence, container: str) -> None:
    before = evidence.digest(container)
    code, report = scan(desk, "--image", evidence.images[container])
    assert code == 1
    files, settings = names_of(report)
    assert {name.lower() for name in evidence.planted.files} <= files
    assert set(evidence.planted.settings) <= settings
    assert all(any(name in setting for setting in settings) for name in evidence.planted.published)
    assert report["target"]["windows"]["name"].startswith("Windows Server 2019")
    assert evidence.digest(container) == before


def read_volume(image: Path, container: str, work: Path) -> NTFS:
    """The volume of an image in the eyes of another parser."""
    run("qemu-img", "convert", "-q", "-f", container, "-O", "raw", str(image), str(work / "flat"))
    raw = (work / "flat").read_bytes()[START:]
    return NTFS(io.BytesIO(raw))


def read_files(volume: NTFS) -> dict[str, bytes]:
    """Every file by its path, in lower case."""
    found: dict[str, bytes] = {}
    pending = [(volume.mft.get("/"), "")]
    while pending:
        folder, path = pending.pop()
        for name, entry in folder.listdir().items():
            if name.startswith("$") or name == ".":
                continue
            record, inner = entry.dereference(), f"{path}/{name.lower()}"
            if record.is_dir():
                pending.append((record, inner))
            else:
                found[inner] = record.open().read()
    return found


@pytest.mark.parametrize("container", ["vmdk", "raw"])
def test_all_of_it_goes_in_an_overlay_and_comes_back(
    desk: Desk, evidence: Evidence, container: str, tmp_path: Path
) -> None:
    image, before = evidence.images[container], evidence.digest(container)
    was = read_files(read_volume(image, container, tmp_path))
    assert desk.run("scan", "--image", image, "-o", tmp_path / "r.json").code == 1
    answer = desk.run("plan", tmp_path / "r.json", "-o", tmp_path / "plan.json")
    assert answer.code == 0
    plan = json.loads((tmp_path / "plan.json").read_text())
    assert len(plan["actions"]) >= len(evidence.planted.files) + len(evidence.planted.settings) + 1

    answer = desk.run("apply", tmp_path / "plan.json", "--yes")
    assert answer.code == 0, answer.err
    assert evidence.digest(container) == before
    overlay = next((desk.state / "cases" / plan["id"]).rglob("*.qcow2"))
    now = read_files(read_volume(overlay, "qcow2", tmp_path))
    for name in evidence.planted.files:
        assert name.removeprefix("C:").replace("\\", "/").lower() not in now
    system = RegistryHive(io.BytesIO(now[f"/{SYSTEM.lower()}"]))
    for number in ("001", "002"):
        values = {value.name: value.value for value in system.open(f"ControlSet{number}\\{VROOTS}").values()}
        assert not {"/c", "/d"} & set(values)
        assert values["/scripts"] == "c:\\inetpub\\scripts,,201"
        assert values["/msadc"] == "c:\\program files\\common files\\system\\msadc,,205"
    software = RegistryHive(io.BytesIO(now[f"/{SOFTWARE.lower()}"]))
    assert software.open(f"{CURRENT}\\Winlogon").value("SFCDisable").value == 0
    config = now[f"/{APPLICATION_HOST.lower()}"]
    assert not [name for name in evidence.planted.published if name.encode() + b'"' in config]

    verified = desk.run("verify", tmp_path / "plan.json", "--json")
    assert json.loads(verified.out)["answer"] == "clean"
    assert sure(json.loads(verified.out)["report"]) == []
    code, second = scan(desk, "--image", tmp_path / "flat")
    assert (code, sure(second)) == (0, [])
    again = desk.run("apply", tmp_path / "plan.json", "--yes")
    assert (again.code, "already applied" in again.err) == (0, True)

    assert desk.run("rollback", tmp_path / "plan.json", "--yes").code == 0
    assert read_files(read_volume(overlay, "qcow2", tmp_path)) == was
    assert evidence.digest(container) == before


def test_the_same_on_a_mounted_volume_in_place(desk: Desk, tmp_path: Path) -> None:
    volume = make_ntfs(tmp_path / "volume", 64 << 20)
    with mounted_ntfs(volume, tmp_path / "m") as top:
        planted = lay_out_infected_server(top)
        run("setfattr", "-n", "system.ntfs_attrib_be", "-v", "0x00000006", str(top / "explorer.exe"))
        (top / "explorer.exe:marker").write_bytes(b"INERT STREAM")
    was, kept = describe(volume, tmp_path)
    with mounted_ntfs(volume, tmp_path / "m") as top:
        assert desk.run("scan", "--root", top, "-o", tmp_path / "r.json").code == 1
        assert desk.run("plan", tmp_path / "r.json", "-o", tmp_path / "plan.json").code == 0
        assert desk.run("apply", tmp_path / "plan.json", "--yes").code == 0
        assert not [name for name in planted.files if (top / name.removeprefix("C:\\").replace("\\", "/")).exists()]
        assert sure(scan(desk, "--root", top)[1]) == []
    cleaned = describe(volume, tmp_path)[1]
    assert {name: cleaned[name] for name in (SYSTEM, SOFTWARE, APPLICATION_HOST)} == {
        name: kept[name] for name in (SYSTEM, SOFTWARE, APPLICATION_HOST)
    }
    with mounted_ntfs(volume, tmp_path / "m"):
        assert desk.run("rollback", tmp_path / "plan.json", "--yes").code == 0
    assert describe(volume, tmp_path) == (was, kept)


def describe(volume: Path, work: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Of every file its content with its streams, and what NTFS keeps of it: attributes, ACL, creation, short name."""
    contents, attributes = {}, {}
    with mounted_ntfs(volume, work / "m", "ro") as top:
        for path in sorted(top.rglob("*")):
            if path.is_file():
                name = str(path.relative_to(top))
                streams = os.getxattr(path, "ntfs.streams.list").decode().split("\0")
                parts = [path, *(path.with_name(f"{path.name}:{one}") for one in sorted(streams) if one)]
                contents[name] = " ".join(hashlib.sha256(one.read_bytes()).hexdigest() for one in parts)
                attributes[name] = " ".join(read_attribute(path, one) for one in KEPT)
    return contents, attributes


def read_attribute(path: Path, name: str) -> str:
    try:
        return os.getxattr(path, f"system.ntfs_{name}").hex()
    except OSError:
        return ""
