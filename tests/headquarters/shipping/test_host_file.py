import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.model.job import ScanWish
from codered.signing.keys import load_public_key
from codered_hq.model.engine import Program
from codered_hq.shipping import host_file
from tests.fixtures.host_files import build_shared, start_host_file
from tests.fixtures.jobs import Headquarters, read_answer


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return build_shared(tmp_path_factory)


def test_the_whole_tool_runs_where_only_python_is(program: Program, tmp_path: Path) -> None:
    raw = Path(program.path).read_bytes()
    assert (program.sha256, program.size) == (hashlib.sha256(raw).hexdigest(), len(raw))
    assert raw.startswith(b"#!/usr/bin/env python3\n")
    (tmp_path / "www").mkdir()
    (tmp_path / "www/index.html").write_text("<p>good day</p>")
    state = tmp_path / "state"
    scan = start_host_file(program.path, state, "scan", "--json", tmp_path / "www")
    assert scan.code == 0, scan.err
    assert json.loads(scan.out)["format"] == "codered/report/1"
    (folder,) = (state / "host-tool").iterdir()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}

    hq = Headquarters(tmp_path / "hq")
    job = hq.write_job(hq.make_job("scan", scan=ScanWish(paths=(str(tmp_path / "www"),))))
    said = start_host_file(program.path, state, "answer", job)
    assert said.code == 0, said.err
    answer = read_answer(said.out, frozenset([load_public_key(state / "keys/host.key.pub")]))
    assert (answer.state, answer.exit_code) == ("done", 0)
    assert json.loads(answer.document)["command"][0] == "scan"
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before  # unpacked once, and left alone
    sweep = start_host_file(program.path, state, "answer", hq.write_job(hq.make_job("sweep", sweep=b"{}")))
    assert (sweep.code, read_answer(sweep.out).state) == (3, "unsupported")
    (tmp_path / "planted").mkdir()
    for name in ("zipfile", "hashlib", "msgspec", "codered"):
        (tmp_path / f"planted/{name}.py").write_text("raise SystemExit('planted')\n")
    planted = {"PYTHONPATH": str(tmp_path / "planted"), "PYTHONDONTWRITEBYTECODE": "1"}
    words = start_host_file(program.path, state, "--help", **planted).out
    assert (" answer " in words, " fleet " in words) == (True, False)
    refused = start_host_file(program.path, state, "answer", tmp_path / "www/index.html")
    assert (refused.code, refused.out) == (2, "")


def make_parts(folder: Path) -> dict[str, Path]:
    folder.mkdir(exist_ok=True)
    (folder / "b.py").write_text("NAMES = {'x': frozenset(['a', 'b'])}\n")
    (folder / "a.json").write_text("{}")
    return {"codered/a.json": folder / "a.json", "codered/b.py": folder / "b.py"}


def test_the_same_parts_give_the_same_bytes_and_others_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = make_parts(tmp_path / "here")
    monkeypatch.setattr(host_file, "list_parts", lambda **_more: parts)
    first = host_file.build_host_file(tmp_path / "one")
    os.utime(parts["codered/b.py"], (1, 1))
    parts = make_parts(tmp_path / "elsewhere")
    second = host_file.build_host_file(tmp_path / "two")
    assert (second.sha256, second.size) == (first.sha256, first.size)
    assert Path(first.path).name == "codered-host.pyz"
    assert os.access(first.path, os.X_OK)
    with zipfile.ZipFile(first.path) as archive:
        compiled = "files/codered/__pycache__/b.cpython-311.pyc"
        names = [
            "__main__.py",
            "host_start.py",
            "manifest.json",
            compiled,
            "files/codered/a.json",
            "files/codered/b.py",
        ]
        assert archive.namelist() == names
        manifest = json.loads(archive.read("manifest.json"))
        assert manifest["files"]["codered/a.json"] == [hashlib.sha256(b"{}").hexdigest(), 2]
    made = Path(first.path).stat().st_mtime_ns
    assert host_file.build_host_file(tmp_path / "one") == first
    assert Path(first.path).stat().st_mtime_ns == made  # nothing changed: nothing is made
    Path(first.path).write_bytes(b"harmed")
    assert host_file.build_host_file(tmp_path / "one") == first
    parts["codered/a.json"].write_text("[]")
    third = host_file.build_host_file(tmp_path / "one")
    assert third.sha256 != first.sha256
    assert sorted(os.listdir(tmp_path / "one")) == ["codered-host.made-from", "codered-host.pyz"]
    point = host_file.build_host_file(tmp_path / "one", with_prober=True)
    assert point.path.endswith("/codered-point.pyz")


def test_a_place_that_can_not_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = make_parts(tmp_path / "here")
    monkeypatch.setattr(host_file, "list_parts", lambda **_more: parts)
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongUse, match=r"codered-host\.pyz: can't be made"):
        host_file.build_host_file(tmp_path / "file")
